/** Period totals as a small line; a period that nobody stated is a gap. */
import type { Programme } from '../api/account';

export function pathOf(periods: Programme['periods'], at: number, width: number, height: number): string {
  const values = periods.map(({ totals }) => {
    const total = totals[at];
    return total === null || total === undefined ? null : Number(total);
  });
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return '';
  const most = Math.max(...known, 0);
  const x = (place: number) => 1 + ((width - 2) * place) / Math.max(values.length - 1, 1);
  const y = (value: number) => height - 2 - (most === 0 ? 0 : ((height - 4) * value) / most);
  let path = '';
  let isDown = false;
  for (const [place, value] of values.entries()) {
    if (value === null) isDown = false;
    else {
      path += `${isDown ? 'L' : 'M'}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
      isDown = true;
    }
  }
  return path;
}
