/** Units as a tree, in the order in which they are read: each below the one above it. Pure. */
import type { Unit } from './api';

export interface Branch {
  unit: Unit;
  depth: number;
}

/** A unit whose upper one is missing, or that would stand above itself, stands at the top: none is lost. */
export function branches(units: readonly Unit[]): Branch[] {
  const known = new Set(units.map(({ key }) => key));
  const found: Branch[] = [];
  const seen = new Set<string>();
  const take = (unit: Unit, depth: number): void => {
    if (seen.has(unit.key)) return;
    seen.add(unit.key);
    found.push({ unit, depth });
    for (const below of units) if (below.above === unit.key) take(below, depth + 1);
  };
  for (const unit of units) if (unit.above === null || !known.has(unit.above)) take(unit, 0);
  for (const unit of units) take(unit, 0);
  return found;
}
