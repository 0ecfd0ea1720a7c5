/** All errors for clients: name, code and text. Codes are those of VDSM's common/exception.py and of JSON-RPC 2.0. */
export const errors = {
  NoSuchVM: [1, 'Virtual machine does not exist'],
  VMExists: [4, 'Virtual machine already exists'],
  VMIsDown: [6, 'Virtual machine is down'],
  CannotCreateVM: [9, 'Error creating the requested VM'],
  MissingParameter: [11, 'Missing required parameter'],
  OutOfMemory: [14, 'Not enough free memory to create VM'],
  UnexpectedError: [16, 'Unexpected exception'],
  DestroyError: [42, 'Virtual machine destroy error'],
  BalloonError: [53, 'Balloon operation is not available'],
  MomPolicyError: [54, 'Failed to set mom policy'],
  CpuTuneError: [62, 'CpuTune operation is not available'],
  UpdateVmPolicyError: [63, 'Failed to update VM SLA policy'],
  HotplugMemFailed: [70, 'Failed to hotplug memory'],
  KsmError: [71, 'Failed to update KSM values'],
  UnsupportedOperation: [75, 'Operation not supported'],
  HotunplugMemFailed: [85, 'Failed to hotunplug memory'],
  ResetError: [90, 'Failed to reset VM'],
  InvalidParameter: [91, 'Invalid parameter'],
  Recovering: [99, 'Recovering from crash or Initializing'],
  GeneralException: [100, 'General Exception'],
  NotEnoughResources: [1100, 'Not enough resources'],
  AccessDenied: [-32001, 'Access denied'],
  ParseError: [-32700, 'Invalid JSON was received by the server'],
  InvalidRequest: [-32600, 'Invalid request'],
  MethodNotFound: [-32601, 'The method does not exist or is not available'],
  InvalidParams: [-32602, 'Invalid method parameter(s)'],
  InternalError: [-32603, 'Internal JSON-RPC error'],
} as const satisfies Record<string, readonly [code: number, text: string]>;

export type ErrorName = keyof typeof errors;

export interface ErrorData {
  /** The memory job of the failed call; see VM.getMemoryJob. */
  readonly job_id?: string;
  /** What was freed for a reservation that failed, by the host's figures, and what it lacks. */
  readonly freed_kib?: number;
  readonly missing_kib?: number;
  /** The VMs that gave less than was asked, or nothing, and why. */
  readonly unyielding?: readonly UnyieldingVm[];
}

/** A VM that kept memory which a reservation lacked. */
export interface UnyieldingVm {
  readonly vmID: string;
  readonly vmName: string;
  readonly reason: string;
  /** What it was asked to be left, and what it has; absent if it was not asked. */
  readonly asked_kib?: number;
  readonly current_kib?: number;
}

/** An error for the client. Code and text come from {@link errors}; `reason` says what is wrong and what to do. */
export class VdsmError extends Error {
  override readonly name: ErrorName;
  readonly code: number;
  /** Machine-readable facts beside the message. */
  readonly data: ErrorData;

  /** `isWhole`: the reason is the whole message, where the text of VDSM's code would contradict it. */
  constructor(
    name: ErrorName,
    reason?: string,
    options: ErrorOptions & { data?: ErrorData; isWhole?: boolean } = {},
  ) {
    const { data = {}, isWhole = false, ...others } = options;
    const [code, text] = errors[name];
    super(
      reason === undefined ? text
      : isWhole ? reason
      : `${text}: ${reason}`,
      others,
    );
    this.name = name;
    this.code = code;
    this.data = data;
  }
}
