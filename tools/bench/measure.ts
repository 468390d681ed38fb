/** One line of the table. */
export interface Figure {
  bench: string;
  figure: string;
  value: number;
  unit: string;
  /** Same unit, measured in the same run: what the figure is compared with. */
  ceiling?: number;
  ratio?: number;
  /** What was asked for, in words. */
  wanted?: string;
  reached?: boolean;
}

/** Value below which a share of the sorted samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** The figures as a table for a person. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ bench, figure, value, unit, ceiling, ratio, wanted, reached }) => [
    bench,
    figure,
    `${round(value)} ${unit}`,
    ceiling === undefined ? '' : `${round(ceiling)} ${unit}`,
    ratio === undefined ? '' : ratio.toFixed(2),
    wanted ?? '',
    reached === undefined ? '' : reached ? 'yes' : 'NO',
  ]);
  const all = [['bench', 'figure', 'measured', 'ceiling', 'ratio', 'wanted', 'reached'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`).join('\n');
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toString() : value.toPrecision(3);
}
