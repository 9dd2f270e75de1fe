/** What every page needs to know of the district: its name and zone, places, parameters, classes. */
import { get } from '../api/client';
import type { AirIndex, Area, Category, District, Line, Parameter, Place, Places } from '../api/contract';
import { live } from './live.svelte';
import { Resource } from './resource.svelte';

class World {
  readonly district = new Resource<District>();
  readonly places = new Resource<Places>();
  readonly parameters = new Resource<Parameter[]>();
  readonly index = new Resource<AirIndex>();

  readonly zone = $derived(this.district.data?.zone ?? 'Asia/Shanghai');
  readonly #places = $derived(new Map((this.places.data?.places ?? []).map((place) => [place.key, place])));
  readonly #areas = $derived(new Map((this.places.data?.areas ?? []).map((area) => [area.key, area])));
  readonly #lines = $derived(new Map((this.places.data?.lines ?? []).map((line) => [line.key, line])));
  readonly #parameters = $derived(new Map((this.parameters.data ?? []).map((one) => [one.key, one])));

  async load(): Promise<void> {
    await Promise.all([
      this.district.load(async (signal) => {
        const district = await get<District>('/district', {}, { signal });
        live.setClock(district.now);
        return district;
      }),
      this.places.load((signal) => get('/places', {}, { signal })),
      this.parameters.load((signal) => get('/parameters', {}, { signal })),
      this.index.load((signal) => get('/standards/air-index', {}, { signal })),
    ]);
  }

  place(key: string | null): Place | null {
    return (key !== null && this.#places.get(key)) || null;
  }

  area(key: string | null): Area | null {
    return (key !== null && this.#areas.get(key)) || null;
  }

  line(key: string | null): Line | null {
    return (key !== null && this.#lines.get(key)) || null;
  }

  parameter(key: string): Parameter | null {
    return this.#parameters.get(key) ?? null;
  }

  /** The class of a level as the edition in force names and colours it. */
  category(level: number | null): Category | null {
    return this.index.data?.categories.find((category) => category.level === level) ?? null;
  }
}

export const world = new World();
