import { Component, type ComponentChildren, type ComponentClass } from 'preact';

/** Returns a component that is rendered again only if one of its props is another value. */
export function memo<P extends object>(render: (props: P) => ComponentChildren): ComponentClass<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return differs(this.props, next);
    }

    override render(): ComponentChildren {
      return render(this.props);
    }
  };
}

function differs(before: object, after: object): boolean {
  const [old, now] = [Object.entries(before), new Map(Object.entries(after))];
  return old.length !== now.size || old.some(([key, value]) => !Object.is(now.get(key), value));
}
