/** Relates the hypervisor's events to reads and writes, so that an event whose change has been read needs no other read. */
export class EventMarks {
  #readsBegun = 0;
  #newestRead = 0;
  #deviceEvents = 0;
  /** Writes of this process whose event has not come yet. */
  #ownWrites = 0;

  /** Counts a read; the returned function records that it has succeeded. */
  beginRead(): () => void {
    this.#readsBegun += 1;
    const read = this.#readsBegun;
    return () => {
      this.#newestRead = Math.max(this.#newestRead, read);
    };
  }

  /** Returns a function that returns whether a read that began after this call has succeeded. */
  markReads(): () => boolean {
    const begun = this.#readsBegun;
    return () => this.#newestRead > begun;
  }

  /** Counts an event of a memory device. */
  noteDeviceEvent(): void {
    this.#deviceEvents += 1;
  }

  /** Returns a function that returns whether an event of a memory device has arrived after this call. */
  markDeviceEvents(): () => boolean {
    const events = this.#deviceEvents;
    return () => this.#deviceEvents > events;
  }

  /** Counts a write of metadata, whose event is to come; the returned function records that the write has failed. */
  beginWrite(): () => void {
    this.#ownWrites += 1;
    return () => {
      this.#ownWrites = Math.max(0, this.#ownWrites - 1);
    };
  }

  /** Takes an event of a metadata change; returns whether it is that of a write of this process. */
  takeWrite(): boolean {
    if (this.#ownWrites === 0) return false;
    this.#ownWrites -= 1;
    return true;
  }

  /** Forgets the writes whose events can have been lost. */
  forgetWrites(): void {
    this.#ownWrites = 0;
  }
}
