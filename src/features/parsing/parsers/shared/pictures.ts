/** Pictures below this size, in EMU (half an inch), are icons and ornaments: their loss is not reported. */
const minSide = 457_200;

/** A picture as Markdown by its description; '' if it has none, or only a file name. */
export function pictureText(description: string | undefined): string {
  const text = (description ?? '').replace(/[[\]\s]+/g, ' ').trim();
  return text === '' || /^\S+\.(png|jpe?g|gif|bmp|emf|wmf|tiff?|svg)$/i.test(text) ? '' : `![${text}](image)`;
}

/** True if a picture is known to be too small to hold content. */
export function isSmallPicture(width: string | undefined, height: string | undefined): boolean {
  return Number(width ?? NaN) < minSide || Number(height ?? NaN) < minSide;
}
