/** Files that the page hands out. */

/** Words as part of a file's name. */
export function fileSlug(text: string): string {
  const slug = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return slug.slice(0, 60) || "widget";
}

export function downloadFile(name: string, content: Blob) {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by the next turn; freed at once some would lose it.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
