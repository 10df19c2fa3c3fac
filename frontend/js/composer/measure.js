// How each network counts. The server counts again through the network's adapter.
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
// as the server reads it: punctuation at the end is not part of a link
export const LINK = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?*_~…»”’)\]}]/g;
const LINK_LENGTH = 23; // X and Mastodon count every link as 23
export const graphemes = (s) => [...segmenter.segment(s)].length;
const NARROW = /^[\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]+$/; // everything else weighs 2 on X
const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|[#*0-9]\uFE0F?\u20E3)/u;
export const MEASURE = {
  chars: (s) => s.length,
  graphemes,
  x: (s) => {
    let n = 0;
    const rest = s.replace(LINK, () => ((n += LINK_LENGTH), ""));
    for (const { segment } of segmenter.segment(rest)) n += NARROW.test(segment) ? [...segment].length : 2;
    return n;
  },
  // a mention counts without its server
  mastodon: (s) => graphemes(s.replace(LINK, "x".repeat(LINK_LENGTH)).replace(/(@[\w.-]+)@[\w.-]+/g, "$1")),
  // code points, an emoji its UTF-8 bytes
  threads: (s) => {
    let n = 0;
    for (const { segment } of segmenter.segment(s)) n += EMOJI.test(segment) ? new TextEncoder().encode(segment).length : [...segment].length;
    return n;
  },
};
