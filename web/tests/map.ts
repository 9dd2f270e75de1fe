/** What journeys read from the map itself. */
import type { Walk } from './rig';

declare global {
  interface Window {
    __skyriver_map?: import('maplibre-gl').Map;
  }
}

export interface Dot {
  key: string;
  level: number;
}

/** The places of a kind that are drawn, with the class that each has. */
export async function dotsOn(walk: Walk, kind: string): Promise<Dot[]> {
  return walk.page.evaluate((wanted) => {
    const map = window.__skyriver_map;
    if (!map) throw new Error('the page shows no map');
    const layers = ['station', 'micro', 'mark', 'moving'];
    const found = new Map<string, { key: string; level: number }>();
    for (const { properties, state } of map.queryRenderedFeatures({ layers })) {
      if (properties.kind !== wanted) continue;
      found.set(String(properties.key), { key: String(properties.key), level: Number(state.level ?? 0) });
    }
    return [...found.values()].sort((a, b) => a.key.localeCompare(b.key));
  }, kind);
}
