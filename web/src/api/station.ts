/** The answers about the surroundings of a place: what was captured, who is near, the class of its water. */
import type { Text } from './contract';

export interface Capture {
  place: string;
  days: {
    day: string;
    parameters: Record<string, { have: number; of: number }>;
    share: number | null;
  }[];
}

export interface Neighbours {
  place: string;
  items: {
    place: string;
    distance_m: number;
    /** From this place to the neighbour, degrees from north. */
    bearing_deg: number;
    upwind: boolean | null;
  }[];
  /** As the nearest mast measured it. */
  wind: { dir_deg: number; speed: number | null; hour: string; place: string } | null;
}

export interface LineClasses {
  at: string;
  items: {
    line: string;
    site: string | null;
    class: string | null;
    level: number | null;
    deciding: { parameter: string; value: number | string; class: string | null }[];
    hour: string | null;
    reason: Text | null;
  }[];
}
