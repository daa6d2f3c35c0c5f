// The colours of the page, light or dark, as the style sheet has them.

const NAMES = ["ground", "ink", "faint", "grid", "source", "target", "moved", "means", "line"];

// Even steps of viridis (van der Walt and Smith 2015): points by where they start. On a dark ground
// its dark end is lifted.
const START = {
  light: [0x440154, 0x443983, 0x31688e, 0x21918c, 0x35b779, 0x90d743, 0xd8c700],
  dark: [0xa679e0, 0x7f83e6, 0x56a0e0, 0x37b8b0, 0x4fcb7b, 0xa3db4a, 0xf0e442],
};

export const numberOf = (hex) => parseInt(hex.trim().slice(1), 16);

export function theme() {
  const style = getComputedStyle(document.documentElement);
  const colours = {};
  for (const name of NAMES) colours[name] = style.getPropertyValue(`--${name}`).trim();
  colours.start = START[style.getPropertyValue("--theme").trim()] ?? START.light;
  return colours;
}

// Of 0xRRGGBB: that share of the way from one to the other.
export function mixed(one, other, share) {
  let colour = 0;
  for (const shift of [16, 8, 0]) {
    const a = (one >> shift) & 255, b = (other >> shift) & 255;
    colour |= Math.round(a + share * (b - a)) << shift;
  }
  return colour;
}
