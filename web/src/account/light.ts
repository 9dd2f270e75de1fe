/** The light of an answer as the part `Light` knows it. */
export function lightOf(light: string | null | undefined): 'on_track' | 'at_risk' | 'off_track' | 'unknown' {
  if (light === 'green') return 'on_track';
  if (light === 'amber') return 'at_risk';
  return light === 'red' ? 'off_track' : 'unknown';
}
