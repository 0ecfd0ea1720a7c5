/** A QEMU monitor, which may hang. */
export class Monitor {
  #hanging: { readonly over: Promise<void>; readonly release: () => void } | undefined;

  get isHanging(): boolean {
    return this.#hanging !== undefined;
  }

  /** Waits until it answers. */
  async answer(): Promise<void> {
    while (this.#hanging) await this.#hanging.over;
  }

  /** Makes it hang until the returned function is called. */
  hang(): () => void {
    if (this.#hanging) return this.#hanging.release;
    let release = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      release = () => {
        this.#hanging = undefined;
        resolve();
      };
    });
    this.#hanging = { over, release };
    return release;
  }

  release(): void {
    this.#hanging?.release();
  }
}
