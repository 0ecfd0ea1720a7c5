import { VdsmError } from '../common/errors.ts';

/** Lists and objects that may be nested; a VM's parameters nest less than ten. */
const MAX_DEPTH = 64;
/** Elements and members of a message; beyond that reading one would take more than a tenth of a second. */
const MAX_VALUES = 50_000;

/** A message's content, with what JSON.parse would lose of its numbers. */
export interface Message {
  /** Numbers that a double cannot hold exactly are strings of their digits, except fractions, which may be rounded. */
  readonly payload: unknown;
  /** The text of each id that is a text or a number, by the request's position in a batch; a single request has position 0. */
  readonly ids: readonly (string | undefined)[];
}

/**
 * Reads JSON without rounding whole numbers; throws SyntaxError, or before any parsing InvalidRequest if it is nested
 * too deeply or has too many values.
 */
export function readMessage(json: string): Message {
  const { ids, inexact } = new Scan(json);
  const payload: unknown = JSON.parse(json);
  return { payload: inexact.length === 0 ? payload : JSON.parse(quoted(json, inexact)), ids };
}

interface Token {
  readonly from: number;
  readonly to: number;
}

/**
 * Finds the ids and the inexact numbers in JSON, in linear time; throws InvalidRequest for more than a message may hold.
 * What it finds in invalid JSON has no meaning.
 */
class Scan {
  // one place to begin with: most messages hold one request
  readonly ids: (string | undefined)[] = [undefined];
  readonly inexact: Token[] = [];
  readonly #json: string;
  /** The depth of a request's members. */
  readonly #members: number;
  #depth = 0;
  #values = 0;
  #position = 0;
  /** Whether the last member of a request is its id. */
  #isId = false;

  constructor(json: string) {
    this.#json = json;
    this.#members = /^\s*\[/.test(json) ? 2 : 1;
    let at = 0;
    while (at < json.length) at = this.#read(at);
  }

  /** Reads the token at `at`; returns where the next one may begin. */
  #read(at: number): number {
    const code = this.#json.charCodeAt(at);
    switch (code) {
      case QUOTE:
        return this.#readString(at);
      case OPEN_OBJECT:
      case OPEN_LIST:
        this.#depth++;
        if (this.#depth > MAX_DEPTH) throw tooDeep;
        // in a batch the last member before this can be that of another request
        this.#isId = false;
        this.#count();
        return at + 1;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        this.#depth--;
        return at + 1;
      case COMMA:
        if (this.#depth === this.#members - 1) this.#position++;
        this.#count();
        return at + 1;
      default:
        return beginsNumber(code) ? this.#readNumber(at) : at + 1;
    }
  }

  #count(): void {
    this.#values++;
    if (this.#values > MAX_VALUES) throw tooMany;
  }

  #readString(from: number): number {
    const end = endOfString(this.#json, from);
    if (this.#depth !== this.#members) return end;
    if (isName(this.#json, end)) {
      this.#isId = isIdName(this.#json, from, end);
      // of repeated members the last counts
      if (this.#isId) this.ids[this.#position] = undefined;
    } else if (this.#isId) {
      this.ids[this.#position] = this.#json.slice(from, end);
    }
    return end;
  }

  #readNumber(from: number): number {
    const to = endOfNumber(this.#json, from);
    const text = this.#json.slice(from, to);
    if (this.#isId && this.#depth === this.#members) this.ids[this.#position] = text;
    if (!isExact(text)) this.inexact.push({ from, to });
    return to;
  }
}

const tooDeep = new VdsmError(
  'InvalidRequest',
  `a message may nest ${String(MAX_DEPTH)} lists and objects`,
);
const tooMany = new VdsmError(
  'InvalidRequest',
  `a message may have ${String(MAX_VALUES)} members and elements`,
);

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Returns where the string that begins at `from` ends, after its quote; the end of the text if it has none. */
function endOfString(json: string, from: number): number {
  let end = json.indexOf('"', from + 1);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end + 1;
}

function isEscaped(json: string, quote: number): boolean {
  let first = quote;
  while (json.charCodeAt(first - 1) === BACKSLASH) first--;
  return (quote - first) % 2 === 1;
}

/** The lengths of `"id"` with none, one or both of its letters written as \uXXXX. */
const ID_LENGTHS = [4, 9, 14];

const isIdName = (json: string, from: number, end: number): boolean =>
  ID_LENGTHS.includes(end - from) && isIdText(json.slice(from, end));

const isIdText = (name: string): boolean =>
  name === '"id"' || (name.includes('\\') && JSON.parse(name) === 'id');

const AFTER_NAME = /\s*:/y;

function isName(json: string, end: number): boolean {
  if (json.charCodeAt(end) === COLON) return true;
  AFTER_NAME.lastIndex = end;
  return AFTER_NAME.test(json);
}

const beginsNumber = (code: number): boolean => code === MINUS || (code >= ZERO && code <= NINE);

const NUMBER = /-?[-+.\deE]*/y;

/** Returns where the number that begins at `from` ends. */
function endOfNumber(json: string, from: number): number {
  NUMBER.lastIndex = from;
  NUMBER.test(json);
  return NUMBER.lastIndex;
}

/** Whole numbers with at most so many digits are exact. */
const SAFE_DIGITS = 15;
/** Longer numbers count as inexact; no client needs them. */
const MAX_LENGTH = 100;

/** Returns whether a number is a whole one that a double holds exactly, or a fraction. */
function isExact(text: string): boolean {
  if (text.length <= SAFE_DIGITS && !/[.eE]/.test(text)) return true;
  if (text.length > MAX_LENGTH) return false;
  const value = Number(text);
  if (!Number.isInteger(value)) return Number.isFinite(value);
  return Number.isSafeInteger(value) && wholeNumber(text) === String(Math.abs(value));
}

/** Returns the digits of a number's absolute value; undefined if it is a fraction or too long to be exact. */
function wholeNumber(text: string): string | undefined {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const significant = digits.replace(/0+$/, '');
  const zeros = digits.length - significant.length + Number(exponent) - fraction.length;
  return zeros < 0 || zeros > SAFE_DIGITS ? undefined : significant + '0'.repeat(zeros);
}

/** Returns the JSON with these tokens as strings. */
function quoted(json: string, tokens: readonly Token[]): string {
  let text = '';
  let rest = 0;
  for (const { from, to } of tokens) {
    text += `${json.slice(rest, from)}"${json.slice(from, to)}"`;
    rest = to;
  }
  return text + json.slice(rest);
}
