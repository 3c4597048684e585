// Parts of pages, taken from the pages themselves: what opens beside the map is the page that opens without script.

/** The element `[data-part=name]` of the page at `address`; throws where the network or the server fails. */
export async function fetchPart(address: string, name: string, signal?: AbortSignal): Promise<Element> {
  const response = await fetch(address, { headers: { Accept: "text/html" }, ...(signal ? { signal } : {}) });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const part = page.querySelector(`[data-part="${name}"]`) ?? page.querySelector(".problem");
  if (!part) throw new Error(`${address} has no part ${name} (${response.status})`);
  return document.adoptNode(part);
}
