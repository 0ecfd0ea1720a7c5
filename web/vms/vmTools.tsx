import type { Vm } from '../connection/methods.ts';
import { type Order, ORDERS } from '../model/order.ts';

interface VmToolsProps {
  readonly shown: readonly Vm[];
  /** How many VMs there are without the filter. */
  readonly all: number;
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  readonly order: Order;
  readonly setOrder: (order: Order) => void;
}

const ORDER_NAMES: Record<Order, string> = {
  need: 'need',
  name: 'name',
  used: 'memory used',
  size: 'maximum',
};

/** The head of the list: how many VMs there are, the filter and the order. */
export const VmTools = ({ shown, all, filter, setFilter, order, setOrder }: VmToolsProps) => (
  <header class="vms-header">
    <h2 id="vms-title">VMs</h2>
    <span class="note" role="status">
      {countWords(shown, all)}
    </span>
    <span class="grow" />
    <label class="field">
      <span>Filter</span>
      <input
        type="search"
        value={filter}
        placeholder="name or id"
        onInput={({ currentTarget }) => setFilter(currentTarget.value)}
      />
    </label>
    <label class="field">
      <span>Sort by</span>
      <select
        value={order}
        onChange={({ currentTarget }) => setOrder(currentTarget.value as Order)}
      >
        {ORDERS.map((each) => (
          <option key={each} value={each}>
            {ORDER_NAMES[each]}
          </option>
        ))}
      </select>
    </label>
  </header>
);

function countWords(shown: readonly Vm[], all: number): string {
  const count = shown.length === all ? String(all) : `${String(shown.length)} of ${String(all)}`;
  const warned = shown.filter(({ warnings }) => warnings.length > 0).length;
  return warned === 0 ? count : `${count}, ${String(warned)} with warnings`;
}
