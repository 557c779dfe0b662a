// Names that texts speak of between double braces: variables of a flow, customizable words of a message.

const LONGEST = 32;

/** The name that was meant by what was typed: small letters without accents, with _ between words. */
export function asName(typed) {
  return typed.replace(/^[{\s]+|[}\s]+$/g, "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[\s-]+/g, "_");
}

/** What is wrong with a name, in words; empty where nothing is. `first` is how a name may begin. */
export function faultOf(name, first = /^[a-z]/) {
  if (!name) return "Enter a name.";
  const strange = name.match(/[^a-z0-9_]/u)?.[0];
  if (strange) return `“${strange}” cannot stand in a name. Use small letters from a to z, digits and _.`;
  if (!first.test(name)) return "A name begins with a letter. Put one first.";
  return name.length > LONGEST ? `A name has at most ${LONGEST} characters, and this one has ${name.length}. Shorten it.` : "";
}
