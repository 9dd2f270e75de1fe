/** The map as an object: what it shows is told to it, what the reader does is told by it. */
import {
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type CanvasSource,
  type GeoJSONSource,
  type LayerSpecification,
  type VectorTileSource,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Area, District, Line, Place, Places } from '../api/contract';
import type { Field, Trace, Tracks } from '../api/map';
import { paintField } from './field';
import {
  boxOf,
  collection,
  endOf,
  extentOf,
  graticuleOf,
  groupOf,
  linesOf,
  middlesOf,
  piecesOf,
  pointsOf,
  ringsOf,
  suspectsOf,
  type Group,
} from './geo';
import { paintIcons } from './icons';
import { ABOVE_FIELD, layersOf } from './layers';
import type { Look } from './look';
import { TOUCHABLE } from './points';

// Without this a build is green and its map is empty.
setWorkerUrl(workerUrl);

/** What a dot shows: its class as the server judged it, its numeral, and what is to be said of its readings. */
export interface Dot {
  level: number | null;
  label: string;
  /** Whether anything came lately. */
  fresh: boolean;
  /** Readings came once, but not lately. */
  stale?: boolean;
  /** The newest reading is in doubt. */
  suspect?: boolean;
}

/** A view as the address keeps it. */
export interface View {
  lat: number;
  lon: number;
  zoom: number;
}

export interface Wiring {
  container: HTMLElement;
  district: District;
  view: View | null;
  look: Look;
  /** Address of tiles for thousands of places; null where the registry itself is drawn. */
  tiles: string | null;
  locale: Record<string, string>;
  test: boolean;
  /** Key of the place that was clicked, or null. */
  onselect: (key: string | null) => void;
  /** Key of the place under the pointer, and where on the canvas. */
  onhover: (key: string | null, x: number, y: number) => void;
  onview: (view: View) => void;
}

/** Half the side of the square that a pointer or a finger hits, in pixels. */
const REACH = matchMedia('(pointer: coarse)').matches ? 22 : 14;
/** Micro-stations are put together below this zoom only. */
const CLUSTER_BELOW = 9;
/** Room around the district in the first view: the buttons and the legend stand in it. */
const HUG = { top: 56, right: 48, bottom: 32, left: 32 };
/** Fainter than a scale of amounts would be: the ramp has the colours of the dots, and the dots must win. */
const FIELD_OPACITY = 0.4;

type Told = Required<Dot>;
interface Relabel {
  id: string;
  addOrUpdateProperties: { key: string; value: unknown }[];
}

export class Scene {
  readonly map: MapLibre;
  readonly loaded: Promise<void>;
  readonly #canvas = document.createElement('canvas');
  #look: Look;
  readonly #tiled: boolean;
  #dots = new Map<string, Told>();
  #group = new Map<string, Group>();
  #kinds = new Map<string, string>();
  /** Whether the view is still the page's own choice; then the address does not name it. */
  #isOurs: boolean;
  #isMoved = false;
  #selected: { source: string; id: string } | null = null;

  constructor(wiring: Wiring) {
    const { district, view, test } = wiring;
    this.#tiled = wiring.tiles !== null;
    this.#look = wiring.look;
    this.#isOurs = view === null;
    this.map = new MapLibre({
      container: wiring.container,
      style: {
        version: 8,
        sources: {
          graticule: source(graticuleOf(district.bbox)),
          box: source(boxOf(district.bbox)),
          areas: { ...source(collection([])), promoteId: 'key' },
          middles: source(collection([])),
          lines: { ...source(collection([])), promoteId: 'key' },
          tracks: source(collection([])),
          regions: source(collection([])),
          suspects: source(collection([])),
          ...(wiring.tiles === null
            ? {}
            : { tiles: { type: 'vector' as const, tiles: [wiring.tiles], maxzoom: 14, promoteId: 'key' } }),
          micros: {
            ...source(collection([])),
            promoteId: 'key',
            cluster: true,
            clusterMaxZoom: CLUSTER_BELOW - 1,
            clusterRadius: 36,
          },
          places: { ...source(collection([])), promoteId: 'key' },
          moving: { ...source(collection([])), promoteId: 'key' },
        },
        layers: layersOf(wiring.look),
      },
      ...(view
        ? { center: [view.lon, view.lat], zoom: view.zoom }
        : { bounds: district.bbox, fitBoundsOptions: { padding: 24 } }),
      locale: wiring.locale,
      localIdeographFontFamily: getComputedStyle(document.body).fontFamily,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: !test },
      // On the big screen the page is drawn larger by CSS; the canvas then needs as many more pixels.
      pixelRatio: devicePixelRatio * (wiring.container.currentCSSZoom ?? 1),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    this.map.addControl(new ScaleControl({ maxWidth: 120, unit: 'metric' }), 'bottom-right');
    paintIcons(this.map, wiring.look.palette);
    this.#listen(wiring);
    this.loaded = new Promise((resolve) => {
      this.map.once('load', () => {
        resolve();
      });
    });
  }

  /** Shows the registry: areas, lines and places. */
  setPlaces(registry: Places): void {
    this.#source('areas').setData(ringsOf(registry.areas));
    // The box stands in for boundaries that nobody imported.
    if (registry.areas.some(({ ring }) => ring)) this.#source('box').setData(collection([]));
    this.#source('middles').setData(middlesOf(registry.areas));
    this.#source('lines').setData(linesOf(registry.lines));
    this.#dots.clear();
    // Thousands of small points come as tiles, and the registry's copy of them stays out of the map.
    const own = registry.places.filter((place) => !this.#tiled || groupOf(place) !== 'micros');
    this.#group = new Map(own.map((place) => [place.key, groupOf(place)]));
    this.#kinds = new Map(registry.places.map(({ key, kind }) => [key, kind]));
    if (this.#isOurs) {
      const box = extentOf(registry);
      if (box) this.map.fitBounds(box, { padding: HUG, animate: false });
    }
    const of = (group: Group) => own.filter((place) => groupOf(place) === group);
    for (const group of ['micros', 'places', 'moving'] as const) {
      this.#source(group).setData(pointsOf(of(group)));
    }
  }

  /** Points from the server's tiles instead of the registry: for thousands of places. */
  setTiles(url: string): void {
    (this.map.getSource('tiles') as VectorTileSource | undefined)?.setTiles([url]);
  }

  /** Repaints the dots that changed; the others are not touched. */
  setDots(dots: Map<string, Dot>): void {
    const changed = new Map<Group, Relabel[]>();
    for (const [key, { level, label, fresh, stale = false, suspect = false }] of dots) {
      const group = this.#group.get(key);
      if (!group) continue;
      const old = this.#dots.get(key);
      const dot = { level, label, fresh, stale, suspect };
      const isSame =
        old?.level === level && old.fresh === fresh && old.stale === stale && old.suspect === suspect;
      if (!isSame) {
        this.map.setFeatureState({ source: group, id: key }, { level: level ?? 0, fresh, stale, suspect });
      }
      // Numeral and mark are layout, which feature state cannot reach; they go as a change of this one feature.
      if ((old?.label ?? '') !== label || (old?.level ?? null) !== level) {
        const list = changed.get(group) ?? [];
        const icon = `${this.#kinds.get(key) ?? ''}-${String(level ?? 0)}`;
        list.push({
          id: key,
          addOrUpdateProperties: [
            { key: 'label', value: label },
            { key: 'icon', value: icon },
          ],
        });
        changed.set(group, list);
      }
      this.#dots.set(key, dot);
    }
    for (const [group, update] of changed) void this.#source(group).updateData({ update });
    this.map.triggerRepaint();
  }

  /** The class of each river or reach; 0 for none. */
  setLines(levels: Map<string, number>, lines: Line[]): void {
    for (const { key } of lines) {
      this.map.setFeatureState({ source: 'lines', id: key }, { level: levels.get(key) ?? 0 });
    }
  }

  /** Where vehicles and patrols went, and where they are. */
  setTracks(tracks: Tracks, places: Place[], from: number, to: number): void {
    this.#source('tracks').setData(piecesOf(tracks.tracks, from, to));
    const ends = new Map(tracks.tracks.map((track) => [track.place, endOf(track)]));
    const moving = pointsOf(places.filter((place) => groupOf(place) === 'moving'));
    for (const feature of moving.features) {
      const end = ends.get(String(feature.properties?.key));
      if (!end) continue;
      feature.geometry.coordinates = [end.lon, end.lat];
      const icon = `${String(feature.properties?.kind)}-${String(end.level)}`;
      feature.properties = { ...feature.properties, heading: end.heading, icon };
    }
    this.#source('moving').setData(moving);
  }

  /** Where something may come from: ground that holds 50 % and 90 %, and the first candidates by their rank. */
  setTrace(answer: Trace | null): void {
    this.#source('regions').setData(
      answer ? (answer.regions as unknown as GeoJSON.FeatureCollection) : collection([]),
    );
    this.#source('suspects').setData(suspectsOf(answer?.candidates ?? []));
  }

  /** A field under points and lines; null takes it away. */
  setField(field: Field | null, ramp: [number, string][], areas: Area[]): void {
    if (!field || field.cols * field.rows === 0 || field.values === '') {
      if (this.map.getLayer('field')) this.map.setLayoutProperty('field', 'visibility', 'none');
      return;
    }
    paintField(this.#canvas, field, ramp, areas, this.#look.palette.muted);
    const [w = 0, s = 0, e = 0, n = 0] = field.bbox;
    const coordinates: [[number, number], [number, number], [number, number], [number, number]] = [
      [w, n],
      [e, n],
      [e, s],
      [w, s],
    ];
    const old = this.map.getSource('field') as CanvasSource | undefined;
    if (!old) {
      this.map.addSource('field', { type: 'canvas', canvas: this.#canvas, animate: false, coordinates });
      const paint = { 'raster-opacity': FIELD_OPACITY, 'raster-fade-duration': 0 };
      this.map.addLayer({ id: 'field', type: 'raster', source: 'field', paint }, ABOVE_FIELD);
      return;
    }
    old.setCoordinates(coordinates);
    // A canvas that does not animate is copied again only between play and pause.
    old.play();
    old.pause();
    this.map.setLayoutProperty('field', 'visibility', 'visible');
  }

  /** Layers of a base map, under everything of ours. */
  addBase(sourceId: string, data: Parameters<MapLibre['addSource']>[1], layers: LayerSpecification[]): void {
    if (this.map.getSource(sourceId)) return;
    this.map.addSource(sourceId, data);
    for (const layer of layers) this.map.addLayer(layer, 'fill');
    this.map.setLayoutProperty('graticule', 'visibility', 'none');
    this.map.setLayoutProperty('graticule-label', 'visibility', 'none');
  }

  /** Rings a place, or thickens the line around an area. */
  select(
    key: string | null,
    source: string | null = key === null ? null : (this.#group.get(key) ?? null),
  ): void {
    if (this.#selected) this.map.setFeatureState(this.#selected, { selected: false });
    this.#selected = key !== null && source !== null ? { source, id: key } : null;
    if (this.#selected) this.map.setFeatureState(this.#selected, { selected: true });
  }

  /** Brings a place into view when it is outside. */
  show(lon: number, lat: number): void {
    this.#isMoved = true;
    if (!this.map.getBounds().contains([lon, lat])) this.map.jumpTo({ center: [lon, lat] });
  }

  /** Brings all of a line or an area into view. */
  fit(path: number[][]): void {
    const [lons, lats] = [path.map(([lon = 0]) => lon), path.map(([, lat = 0]) => lat)];
    if (path.length === 0) return;
    this.#isMoved = true;
    const box = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
    this.map.fitBounds(box as [number, number, number, number], { padding: 60, animate: false });
  }

  /** Another theme, language or choice of layers: same layers, other paint and words. */
  restyle(look: Look): void {
    this.#look = look;
    paintIcons(this.map, look.palette);
    for (const layer of layersOf(look)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as never, value as never);
      }
      if ('filter' in layer && layer.filter) this.map.setFilter(layer.id, layer.filter);
      const layout = layer.layout ?? {};
      if (layout.visibility) this.map.setLayoutProperty(layer.id, 'visibility', layout.visibility);
      if (layer.type === 'symbol' && layer.layout?.['text-field']) {
        this.map.setLayoutProperty(layer.id, 'text-field', layer.layout['text-field']);
      }
    }
  }

  /** Closer or further by keys or buttons of the page. */
  zoom(by: number, animate: boolean): void {
    this.#isMoved = true;
    this.map.zoomTo(this.map.getZoom() + by, { animate });
  }

  /** Resolves when everything told so far is on the screen. */
  async drawn(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.map.once('idle', () => {
        resolve();
      });
      this.map.triggerRepaint();
    });
  }

  remove(): void {
    this.map.remove();
  }

  #listen(wiring: Wiring): void {
    this.map.on('click', (event) => {
      const cluster = this.map.queryRenderedFeatures(event.point, { layers: ['cluster'] })[0];
      if (cluster)
        this.map.easeTo({ center: event.lngLat, zoom: CLUSTER_BELOW + 0.5, animate: !wiring.test });
      else wiring.onselect(this.#touched(event.point.x, event.point.y));
    });
    this.map.on('movestart', (event) => {
      if (event.originalEvent) this.#isMoved = true;
    });
    this.map.on('mousemove', (event) => {
      const over = this.#touched(event.point.x, event.point.y);
      this.map.getCanvas().style.cursor = over === null ? '' : 'pointer';
      wiring.onhover(over, event.point.x, event.point.y);
    });
    this.map.on('mouseout', () => {
      wiring.onhover(null, 0, 0);
    });
    this.map.on('moveend', () => {
      // The first view hugs the district; only what a reader or a link chose is worth an address.
      if (this.#isOurs && !this.#isMoved) return;
      this.#isOurs = false;
      const { lat, lng } = this.map.getCenter();
      wiring.onview({ lat, lon: lng, zoom: this.map.getZoom() });
    });
  }

  /** The key of the place nearest to a point of the canvas, within reach. */
  #touched(x: number, y: number): string | null {
    let best: { key: string; far: number } | null = null;
    const found = this.map.queryRenderedFeatures(
      [
        [x - REACH, y - REACH],
        [x + REACH, y + REACH],
      ],
      { layers: TOUCHABLE.filter((id) => this.map.getLayer(id)) },
    );
    for (const { geometry, properties } of found) {
      if (geometry.type !== 'Point') continue;
      const at = this.map.project(geometry.coordinates as [number, number]);
      const far = Math.hypot(at.x - x, at.y - y);
      if (!best || far < best.far) best = { key: String(properties.key), far };
    }
    return best?.key ?? null;
  }

  #source(id: string): GeoJSONSource {
    return this.map.getSource(id) as GeoJSONSource;
  }
}

function source(data: GeoJSON.FeatureCollection): { type: 'geojson'; data: GeoJSON.FeatureCollection } {
  return { type: 'geojson', data };
}
