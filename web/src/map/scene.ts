/** The map as an object: what it shows is told to it, what the reader does is told by it. */
import { Map as MapLibre, NavigationControl, setWorkerUrl, type GeoJSONSource } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { District, Places } from '../api/contract';
import type { Lang } from '../format';
import { boxOf, collection, graticuleOf, linesOf, middlesOf, pointsOf, ringsOf } from './geo';
import { paintIcons } from './icons';
import { layersOf, TOUCHABLE, type Palette } from './layers';

// Without this a build is green and its map is empty.
setWorkerUrl(workerUrl);

/** What a dot shows: its class as the server judged it, its numeral, whether anything came lately. */
export interface Dot {
  level: number | null;
  label: string;
  fresh: boolean;
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
  palette: Palette;
  lang: Lang;
  locale: Record<string, string>;
  test: boolean;
  onselect: (key: string | null) => void;
  onview: (view: View) => void;
}

/** Half the side of the square that a finger or pointer hits, in pixels. */
const REACH = 14;

export class Scene {
  readonly map: MapLibre;
  readonly loaded: Promise<void>;
  #dots = new Map<string, Dot>();
  #selected: string | null = null;

  constructor(wiring: Wiring) {
    const { district, view, test } = wiring;
    this.map = new MapLibre({
      container: wiring.container,
      style: {
        version: 8,
        sources: {
          graticule: source(graticuleOf(district.bbox)),
          box: source(boxOf(district.bbox)),
          areas: source(collection([])),
          middles: source(collection([])),
          lines: source(collection([])),
          places: { ...source(collection([])), promoteId: 'key' },
        },
        layers: layersOf(wiring.palette, wiring.lang),
      },
      ...(view
        ? { center: [view.lon, view.lat], zoom: view.zoom }
        : { bounds: district.bbox, fitBoundsOptions: { padding: 48 } }),
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
    paintIcons(this.map, wiring.palette);
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
    this.#source('middles').setData(middlesOf(registry.areas));
    this.#source('lines').setData(linesOf(registry.lines));
    this.#source('places').setData(pointsOf(registry.places));
    this.#dots.clear();
  }

  /** Repaints the dots that changed; the others are not touched. */
  setDots(dots: Map<string, Dot>): void {
    const relabelled: { id: string; addOrUpdateProperties: { key: string; value: string }[] }[] = [];
    for (const [key, dot] of dots) {
      const old = this.#dots.get(key);
      if (old?.level !== dot.level || old.fresh !== dot.fresh) {
        this.#state(key, { level: dot.level ?? 0, fresh: dot.fresh });
      }
      // The numeral is layout, which feature state cannot reach; it goes as a change of this one feature.
      if ((old?.label ?? '') !== dot.label) {
        relabelled.push({ id: key, addOrUpdateProperties: [{ key: 'label', value: dot.label }] });
      }
      this.#dots.set(key, dot);
    }
    if (relabelled.length > 0) void this.#source('places').updateData({ update: relabelled });
    this.map.triggerRepaint();
  }

  select(key: string | null): void {
    if (this.#selected !== null) this.#state(this.#selected, { selected: false });
    if (key !== null) this.#state(key, { selected: true });
    this.#selected = key;
  }

  /** Brings a place into view when it is outside. */
  show(lon: number, lat: number): void {
    if (!this.map.getBounds().contains([lon, lat])) this.map.jumpTo({ center: [lon, lat] });
  }

  /** Another theme or language: same layers, other paint and words. */
  restyle(palette: Palette, lang: Lang): void {
    paintIcons(this.map, palette);
    for (const layer of layersOf(palette, lang)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as never, value as never);
      }
      if (layer.type === 'symbol' && layer.layout?.['text-field']) {
        this.map.setLayoutProperty(layer.id, 'text-field', layer.layout['text-field']);
      }
    }
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
      wiring.onselect(this.#touched(event.point.x, event.point.y));
    });
    this.map.on('mousemove', (event) => {
      const over = this.#touched(event.point.x, event.point.y) !== null;
      this.map.getCanvas().style.cursor = over ? 'pointer' : '';
    });
    this.map.on('moveend', () => {
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

  #state(key: string, state: Record<string, unknown>): void {
    this.map.setFeatureState({ source: 'places', id: key }, state);
  }

  #source(id: string): GeoJSONSource {
    return this.map.getSource(id) as GeoJSONSource;
  }
}

function source(data: GeoJSON.FeatureCollection): { type: 'geojson'; data: GeoJSON.FeatureCollection } {
  return { type: 'geojson', data };
}
