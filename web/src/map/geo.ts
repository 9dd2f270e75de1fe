/** GeoJSON of what the registry knows, and of the net of coordinates under it. Pure. */
import type { Feature, FeatureCollection, LineString, Point, Polygon, Position } from 'geojson';
import type { Candidate, Track } from '../api/map';
import type { Area, Box, Line, Place, Places, Text } from '../api/contract';

export function collection<G extends Point | LineString | Polygon>(
  features: Feature<G>[],
): FeatureCollection<G> {
  return { type: 'FeatureCollection', features };
}

/** Kinds that move: they stand where their track ends, not where the registry has them. */
const MOVING = new Set<string>(['vehicle', 'patrol']);

export type Group = 'micros' | 'places' | 'moving';

/** Which source of the map a place belongs to: micro-stations cluster, vehicles and patrols move. */
export function groupOf(place: Place): Group {
  if (place.kind === 'micro_station') return 'micros';
  return MOVING.has(place.kind) ? 'moving' : 'places';
}

export function pointsOf(places: Place[]): FeatureCollection<Point> {
  return collection(
    places.map((place) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [place.lon, place.lat] },
      properties: {
        key: place.key,
        kind: place.kind,
        simulated: place.simulated,
        label: '',
        icon: `${place.kind}-0`,
        heading: 0,
        ...names(place.name),
      },
    })),
  );
}

/** A river that is divided into reaches is drawn by them; `split` says so. */
export function linesOf(lines: Line[]): FeatureCollection<LineString> {
  const split = new Set(lines.flatMap(({ kind, within }) => (kind === 'reach' && within ? [within] : [])));
  return collection(
    lines.map((line) => ({
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: line.path },
      properties: { key: line.key, kind: line.kind, split: split.has(line.key), ...names(line.name) },
    })),
  );
}

export function ringsOf(areas: Area[]): FeatureCollection<Polygon> {
  return collection(
    areas.flatMap((area) =>
      area.ring && area.ring.length > 2
        ? [
            {
              type: 'Feature' as const,
              geometry: { type: 'Polygon' as const, coordinates: [closed(area.ring)] },
              properties: { key: area.key, kind: area.kind, ...names(area.name) },
            },
          ]
        : [],
    ),
  );
}

/** Where the name of each area stands: once, in the middle of its ring, however many tiles it covers. */
export function middlesOf(areas: Area[]): FeatureCollection<Point> {
  return collection(
    areas.flatMap((area) => {
      const ring = area.ring ?? [];
      if (ring.length < 3) return [];
      const mean = (i: number) => ring.reduce((sum, point) => sum + (point[i] ?? 0), 0) / ring.length;
      return [
        {
          type: 'Feature' as const,
          geometry: { type: 'Point' as const, coordinates: [mean(0), mean(1)] },
          properties: { key: area.key, kind: area.kind, ...names(area.name) },
        },
      ];
    }),
  );
}

/** A track as pieces, each with the class at its end and its age from 0 (newest) to 1. */
export function piecesOf(tracks: Track[], from: number, to: number): FeatureCollection<LineString> {
  return collection(
    tracks.flatMap(({ place, points }) =>
      points.slice(1).flatMap((point, i): Feature<LineString>[] => {
        const before = points[i];
        // A hole of more than ten minutes is no way that was driven.
        if (!before || point[0] - before[0] > TRACK_HOLE_MS) return [];
        return [
          {
            type: 'Feature',
            geometry: { type: 'LineString', coordinates: [at(before), at(point)] },
            properties: {
              key: place,
              level: point[4],
              age: Math.min(Math.max((to - point[0]) / (to - from), 0), 1),
            },
          },
        ];
      }),
    ),
  );
}

const at = ([, lon, lat]: Track['points'][number]): Position => [lon, lat];

const TRACK_HOLE_MS = 600_000;

/** Where a track ends, and where it heads there in degrees from north. */
export function endOf(track: Track): { lon: number; lat: number; heading: number; level: number } | null {
  const last = track.points.at(-1);
  if (!last) return null;
  const [, lon, lat, , level] = last;
  const before = track.points.findLast((point) => point[1] !== lon || point[2] !== lat) ?? last;
  const east = (lon - before[1]) * Math.cos((lat * Math.PI) / 180);
  return { lon, lat, heading: (Math.atan2(east, lat - before[2]) * 180) / Math.PI, level };
}

/** What the district itself covers: its sub-districts, or else its places; null when there is neither. */
export function extentOf({ areas, places }: Places): Box | null {
  const rings = areas.flatMap(({ ring }) => ring ?? []);
  const points = rings.length > 0 ? rings : places.map(({ lon, lat }) => [lon, lat]);
  if (points.length === 0) return null;
  const [lons, lats] = [points.map(([lon = 0]) => lon), points.map(([, lat = 0]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

export function boxOf([w, s, e, n]: Box): FeatureCollection<LineString> {
  const coordinates = [
    [w, s],
    [e, s],
    [e, n],
    [w, n],
    [w, s],
  ];
  return collection([{ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: {} }]);
}

/** Meridians and parallels around a box, well beyond its edges, at a step that gives some six of them. */
export function graticuleOf([w, s, e, n]: Box): FeatureCollection<LineString> {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].find((one) => (e - w) / one <= 7) ?? 10;
  const reach = Math.max(e - w, n - s) * 2;
  const lines: Feature<LineString>[] = [];
  for (const x of multiples(w - reach, e + reach, step)) {
    lines.push(stroke([x, s - reach], [x, n + reach], degrees(x, 'E', 'W')));
  }
  for (const y of multiples(Math.max(s - reach, -85), Math.min(n + reach, 85), step)) {
    lines.push(stroke([w - reach, y], [e + reach, y], degrees(y, 'N', 'S')));
  }
  return collection(lines);
}

function stroke(from: Position, to: Position, label: string): Feature<LineString> {
  return {
    type: 'Feature',
    geometry: { type: 'LineString', coordinates: [from, to] },
    properties: { label },
  };
}

function multiples(from: number, to: number, step: number): number[] {
  const found: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i += 1) found.push(Number((i * step).toFixed(6)));
  return found;
}

/** The first five candidates of tracing that have a place, by rank. */
export function suspectsOf(candidates: Candidate[]): FeatureCollection<Point> {
  const placed = candidates.slice(0, 5).flatMap((one, i) =>
    one.at
      ? [
          {
            type: 'Feature' as const,
            geometry: { type: 'Point' as const, coordinates: one.at },
            properties: { rank: String(i + 1), probability: one.probability },
          },
        ]
      : [],
  );
  return collection(placed.filter(({ properties }) => properties.probability >= 0.01));
}

function degrees(value: number, plus: string, minus: string): string {
  return `${String(Math.abs(value))}°${value < 0 ? minus : plus}`;
}

function closed(ring: Position[]): Position[] {
  const [first] = ring;
  const last = ring.at(-1);
  if (!first || !last || (first[0] === last[0] && first[1] === last[1])) return ring;
  return [...ring, first];
}

function names(name: Text): { zh: string; en: string } {
  return { zh: name.zh || name.en, en: name.en || name.zh };
}
