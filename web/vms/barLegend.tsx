/** What the parts of the bars are. */
export const BarLegend = () => (
  <ul class="legend bar-legend" aria-label="What the bars show">
    <li>
      <i class="key used" /> Used by the guest
    </li>
    <li>
      <i class="key current" /> Current size
    </li>
    <li>
      <i class="key held" /> Held by the balloon, up to the maximum
    </li>
    <li>
      <i class="key-mark target" /> Target
    </li>
    <li>
      <i class="key-mark guaranteed" /> Guaranteed
    </li>
  </ul>
);
