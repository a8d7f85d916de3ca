const greek =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon varphi chi psi omega';
const capitals: Record<string, string> = {
  Γ: 'Gamma',
  Δ: 'Delta',
  Θ: 'Theta',
  Λ: 'Lambda',
  Ξ: 'Xi',
  Π: 'Pi',
  Σ: 'Sigma',
  Υ: 'Upsilon',
  Φ: 'Phi',
  Ψ: 'Psi',
  Ω: 'Omega',
};
const operators =
  '±pm ∓mp ×times ÷div ⋅cdot ∙cdot ∗ast ≤leq ≥geq ≠neq ≈approx ≅cong ≡equiv ∼sim ≪ll ≫gg ∝propto ∞infty ∂partial ∇nabla ∈in ∉notin ∋ni ⊂subset ⊃supset ⊆subseteq ⊇supseteq ∪cup ∩cap ∅emptyset ∀forall ∃exists ¬neg ∧wedge ∨vee ⇒Rightarrow ⇐Leftarrow ⇔Leftrightarrow →rightarrow ←leftarrow ↔leftrightarrow ↦mapsto ↑uparrow ↓downarrow …ldots ⋯cdots ⋮vdots ⋱ddots ℏhbar ℓell ′prime ∘circ ⊕oplus ⊗otimes ⊥perp ∥parallel ∠angle ⟨langle ⟩rangle ⌈lceil ⌉rceil ⌊lfloor ⌋rfloor ‖Vert ∴therefore ∵because';

/** A character to its LaTeX command. */
export const latexSymbols = new Map<string, string>(
  Object.entries({
    ...Object.fromEntries(greek.split(' ').map((name, i) => [String.fromCodePoint(0x3b1 + i), `\\${name}`])),
    ...Object.fromEntries(Object.entries(capitals).map(([character, name]) => [character, `\\${name}`])),
    ...Object.fromEntries(operators.split(' ').map((pair) => [pair.slice(0, 1), `\\${pair.slice(1)}`])),
  }),
);

export const bigOperators = new Map<string, string>(
  Object.entries({
    '∑': '\\sum',
    '∏': '\\prod',
    '∐': '\\coprod',
    '∫': '\\int',
    '∬': '\\iint',
    '∭': '\\iiint',
    '∮': '\\oint',
    '⋃': '\\bigcup',
    '⋂': '\\bigcap',
    '⋁': '\\bigvee',
    '⋀': '\\bigwedge',
  }),
);

export const accents = new Map<string, string>(
  Object.entries({
    '\u0300': '\\grave',
    '\u0301': '\\acute',
    '\u0302': '\\hat',
    '\u0303': '\\tilde',
    '\u0304': '\\bar',
    '\u0305': '\\overline',
    '\u0306': '\\breve',
    '\u0307': '\\dot',
    '\u0308': '\\ddot',
    '\u030c': '\\check',
    '\u20d7': '\\vec',
    '\u20d6': '\\overleftarrow',
    '¯': '\\bar',
    '˙': '\\dot',
    '~': '\\tilde',
    '^': '\\hat',
  }),
);

export const functionNames = new Set(
  'arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim ln log max min Pr sec sin sinh sup tan tanh'.split(
    ' ',
  ),
);
