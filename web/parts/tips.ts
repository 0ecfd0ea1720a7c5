const GAP = 8;
const ID = 'tip';

/**
 * Shows what stands in an element's `data-tip` while the mouse is over it, it has the keyboard's focus, or it was
 * tapped; each line is a row, with cells between tabs. Escape hides it.
 */
export function installTips(page: Document): void {
  const tip = new Tip(page);
  page.addEventListener('pointerover', ({ target }) => {
    if (tip.contains(target)) return;
    const owner = owned(target);
    if (owner) tip.show(owner);
    else tip.hideUnlessFocused();
  });
  page.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement) || !target.matches(':focus-visible')) return;
    // a row has its figures in a tip of one of its parts
    const owner = owned(target) ?? target.querySelector<HTMLElement>('[data-tip]');
    if (owner) tip.show(owner);
    else tip.hide();
  });
  page.addEventListener('click', ({ target }) => {
    const owner = owned(target);
    // a row that is opened shows its figures itself
    if (owner?.closest('[aria-expanded]')) tip.hide();
    else if (owner) tip.show(owner);
  });
  page.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') tip.hide();
  });
  page.addEventListener('focusout', () => tip.hide());
  page.addEventListener('scroll', () => tip.follow(), { passive: true });
}

class Tip {
  readonly #page: Document;
  readonly #box: HTMLElement;
  /** Figures change while their tip is shown. */
  readonly #changes = new MutationObserver(() => this.#fill());
  #owner: HTMLElement | undefined;

  constructor(page: Document) {
    this.#page = page;
    this.#box = page.createElement('div');
    this.#box.id = ID;
    this.#box.role = 'tooltip';
    this.#box.hidden = true;
    page.body.append(this.#box);
  }

  contains(target: EventTarget | null): boolean {
    return target instanceof Node && this.#box.contains(target);
  }

  show(owner: HTMLElement): void {
    if (owner !== this.#owner) this.hide();
    this.#owner = owner;
    owner.setAttribute('aria-describedby', ID);
    // a modal dialog covers all that is not inside it, and readers of the screen go from one part of a page to the next
    (owner.closest('dialog, main, .top') ?? this.#page.body).append(this.#box);
    this.#box.hidden = false;
    this.#changes.observe(owner, { attributeFilter: ['data-tip'] });
    this.#fill();
  }

  /** Moves with what has the keyboard's focus; what the mouse was over has gone. */
  follow(): void {
    if (this.#isFocused) this.#fill();
    else this.hide();
  }

  hide(): void {
    this.#owner?.removeAttribute('aria-describedby');
    this.#owner = undefined;
    this.#changes.disconnect();
    this.#box.hidden = true;
  }

  hideUnlessFocused(): void {
    if (!this.#isFocused) this.hide();
  }

  /** Whether the owner, or the row that it is a part of, has the keyboard's focus. */
  get #isFocused(): boolean {
    const { activeElement } = this.#page;
    return (
      this.#owner !== undefined &&
      activeElement?.contains(this.#owner) === true &&
      activeElement !== this.#page.body
    );
  }

  #fill(): void {
    if (!this.#owner) return;
    this.#box.replaceChildren(...rowsOf(this.#page, this.#owner.dataset['tip'] ?? ''));
    place(this.#box, this.#owner.getBoundingClientRect());
  }
}

const owned = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;

const rowsOf = (page: Document, text: string): readonly HTMLElement[] =>
  text.split('\n').map((line) => {
    const row = page.createElement('div');
    row.className = 'tip-row';
    for (const cell of line.split('\t')) {
      const part = page.createElement('span');
      part.textContent = cell;
      row.append(part);
    }
    return row;
  });

/** Puts the box above an element, or below it where there is no room, inside the window. */
function place(box: HTMLElement, around: DOMRect): void {
  const { width, height } = box.getBoundingClientRect();
  const room = document.documentElement.clientWidth - width - GAP;
  const left = Math.max(GAP, Math.min(room, around.left + (around.width - width) / 2));
  const above = around.top - height - GAP;
  const top = above >= GAP ? above : around.bottom + GAP;
  box.style.transform = `translate(${String(Math.round(left))}px, ${String(Math.round(top))}px)`;
}
