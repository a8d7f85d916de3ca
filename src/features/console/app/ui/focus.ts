/** What had the focus may be gone: the keyboard, and a screen reader, then go on at the content. */
export function focusIfLost(): void {
  if (document.activeElement === document.body) document.getElementById('content')?.focus();
}
