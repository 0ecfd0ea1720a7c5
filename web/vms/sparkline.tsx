import { pathOf } from '../model/spark.ts';
import type { Spark } from './sparks.ts';

const WIDTH = 120;
const HEIGHT = 28;

/** What a VM had and used in the last hour, as a small picture. */
export function Sparkline({ spark }: { readonly spark: Spark | undefined }) {
  if (!spark) return <span class="spark" />;
  const extent = { width: WIDTH, height: HEIGHT };
  const used = pathOf(spark.used, spark.top, extent);
  return (
    <svg
      class="spark"
      viewBox={`0 -1 ${String(WIDTH)} ${String(HEIGHT + 2)}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="spark-current" d={pathOf(spark.current, spark.top, extent)} />
      <path class="spark-used" d={used} />
    </svg>
  );
}
