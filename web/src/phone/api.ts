/** What the phone pages ask of the server about cases: the shapes that they use of its answers. */
import type { Text } from '../api/contract';

export interface Category {
  key: string;
  name: Text;
  subject: string;
}

export interface Move {
  move: string;
  allowed: boolean;
  /** Why not, when it is not allowed. */
  why: Text | null;
}
