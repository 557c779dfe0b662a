// Parts of the page as the server draws them now.

/** The text of one; null when it does not come. */
export async function fragment(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, redirect: "manual" }).catch(() => null);
  return answer?.ok ? answer.text().catch(() => null) : null;
}
