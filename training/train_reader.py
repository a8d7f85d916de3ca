"""Trains the reader on the questions of build_questions.py. With --teacher, it learns from a larger one too."""
import argparse
import gzip
import json
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from reader import MAX_SPAN, PADDING, keep_layers, lay_out, open_reader, pad

# How often a question of a source is drawn, against one of another: small and clean sets more often.
DRAWN = dict(covidqa=2, norquad=2, xquad=0.8, jaquad=0.5, cmrc=0.8, multispan=3, tatqa=3, wtq=1.5)
TEMPERATURE = 2.0
# Share of the time in which the learning rate rises.
WARM = 0.06
FORBIDDEN = -1e4


class Questions:
    """Questions and passages as token ids."""

    def __init__(self, path, tokenizer):
        with gzip.open(path, "rt") as file:
            data = json.load(file)
        encode = lambda texts: tokenizer.encode_batch(texts, add_special_tokens=False)
        self.sources = [passage["source"] for passage in data["passages"]]
        self.texts = encode([passage["text"] for passage in data["passages"]])
        self.headings = [e.ids for e in encode([passage["heading"] for passage in data["passages"]])]
        self.questions = data["questions"]
        plain = [question["text"].lower().rstrip("?？ ") for question in self.questions]
        for question, typed, careless in zip(
            self.questions, encode([q["text"] for q in self.questions]), encode(plain)
        ):
            question["ids"], question["careless_ids"] = typed.ids, careless.ids
            offsets = np.array(self.texts[question["passage"]].offsets).reshape(-1, 2)
            question["tokens"] = [span for span in (tokens_of(offsets, *s) for s in question["spans"]) if span]

    def usable(self, held_out):
        return [
            question
            for question in self.questions
            if question["held_out"] == held_out
            and (question["tokens"] or question["impossible"] or question["relevant_only"])
        ]


def tokens_of(offsets, start, end):
    """First and last token of a span of characters; None where no token overlaps it."""
    places = np.nonzero((offsets[:, 1] > start) & (offsets[:, 0] < end))[0]
    return (int(places[0]), int(places[-1])) if len(places) else None


def vary(question):
    """The question as a person may type it: without capitals and marks, or without a word."""
    ids = question["careless_ids"] if random.random() < 0.4 else question["ids"]
    if len(ids) > 5 and random.random() < 0.25:
        at = random.randrange(len(ids) - 1)
        ids = ids[:at] + ids[at + random.choice((1, 2)) :]
    return ids


def make_group(data, question, negatives):
    """Inputs and targets of one question: its own passage first, then hard negatives."""
    rows = []
    others = random.sample(question["negatives"], min(negatives, len(question["negatives"])))
    while len(others) < negatives:
        others.append(random.randrange(len(data.texts)))
    for at in [question["passage"], *others]:
        text = data.texts[at].ids
        heading = data.headings[at] if random.random() < 0.7 else []
        spans = question["tokens"] if at == question["passage"] else []
        # A long passage is read from shortly before its answer on.
        begin = max(0, spans[0][0] - random.randint(100, 200)) if spans and spans[0][1] > 200 else 0
        ids, first, count = lay_out(vary(question), heading, text, begin)
        fitting = [(s - begin, e - begin) for s, e in spans if s >= begin and e - begin < count]
        start, end = random.choice(fitting) if fitting else (-first, -first)
        own = at == question["passage"]
        rows.append(
            dict(
                input=(ids, first, count),
                start=first + start,
                end=first + end,
                span_weight=0.0 if own and question["relevant_only"] else 1.0,
                relevant=1.0 if own and not question["impossible"] else 0.0,
            )
        )
    return rows


def draw_batches(data, groups, negatives):
    """Batches without end. Inputs of like length come together."""
    usable = data.usable(held_out=False)
    weights = [DRAWN.get(data.sources[question["passage"]], 1.0) for question in usable]
    while True:
        drawn = [make_group(data, q, negatives) for q in random.choices(usable, weights, k=groups * 16)]
        drawn.sort(key=lambda rows: max(len(row["input"][0]) for row in rows))
        batches = [drawn[at : at + groups] for at in range(0, len(drawn), groups)]
        random.shuffle(batches)
        for batch in batches:
            yield [row for rows in batch for row in rows]


def loss_of(scores, allowed, rows, group_size, teacher_scores=None):
    device = allowed.device
    start, end, relevant = (part.float() for part in scores)
    start, end = (part.masked_fill(~allowed, FORBIDDEN) for part in (start, end))
    column = lambda name, kind: torch.tensor([row[name] for row in rows], device=device, dtype=kind)
    each = F.cross_entropy(start, column("start", torch.long), reduction="none")
    each = (each + F.cross_entropy(end, column("end", torch.long), reduction="none")) / 2
    span = (each * column("span_weight", torch.float)).mean()
    labels = column("relevant", torch.float)
    judged = F.binary_cross_entropy_with_logits(relevant, labels)
    lists = relevant.view(-1, group_size)
    answered = labels.view(-1, group_size)[:, 0]
    first = torch.zeros(len(lists), dtype=torch.long, device=device)
    listed = (F.cross_entropy(lists, first, reduction="none") * answered).mean()
    loss = span + judged + 0.5 * listed
    if teacher_scores is None:
        return loss
    t_start, t_end, t_relevant = (part.float() for part in teacher_scores)
    taught = sum(
        F.kl_div(
            F.log_softmax(own / TEMPERATURE, 1),
            F.softmax(other.masked_fill(~allowed, FORBIDDEN) / TEMPERATURE, 1),
            reduction="batchmean",
        )
        for own, other in ((start, t_start), (end, t_end))
    )
    return 0.3 * loss + taught * TEMPERATURE**2 / 2 + 0.15 * F.mse_loss(relevant, t_relevant)


def best_span(start, end, first, count):
    """Token places of the best span within the passage, and its score over "not here"."""
    table = start[first : first + count, None] + end[None, first : first + count]
    band = torch.ones_like(table).triu().tril(MAX_SPAN).bool()
    value, place = table.masked_fill(~band, FORBIDDEN).flatten().max(0)
    return int(place) // count, int(place) % count, float(value - start[0] - end[0])


@torch.no_grad()
def measure(reader, data, device, most=2500):
    """Figures on held-out articles, each question over its own passage and six hard negatives."""
    reader.eval()
    questions = data.usable(held_out=True)[:most]
    own_scores, other_scores, first, overlap = [], [], [], []
    for question in questions:
        places = [question["passage"], *question["negatives"][:6]]
        inputs = [lay_out(question["ids"], data.headings[at], data.texts[at].ids) for at in places]
        ids, _ = pad(inputs)
        start, end, relevant = reader(ids.to(device), (ids != PADDING).long().to(device))
        scores = relevant.float().tolist()
        (other_scores if question["impossible"] else own_scores).append(scores[0])
        other_scores += scores[1:]
        if question["impossible"]:
            continue
        first.append(scores[0] == max(scores))
        if question["tokens"]:
            a, b, _ = best_span(start[0].float(), end[0].float(), *inputs[0][1:])
            overlap.append(max(token_f1((a, b), span) for span in question["tokens"]))
    ranks = np.argsort(np.argsort(own_scores + other_scores))[: len(own_scores)]
    n, m = len(own_scores), len(other_scores)
    auc = (ranks.sum() - n * (n - 1) / 2) / max(1, n * m)
    print(f"held out: {len(questions)} questions, AUC {auc:.3f}, first {np.mean(first):.3f}, F1 {np.mean(overlap or [0]):.3f}")
    reader.train()


def token_f1(found, span):
    common = max(0, min(found[1], span[1]) - max(found[0], span[0]) + 1)
    return 2 * common / ((found[1] - found[0] + 1) + (span[1] - span[0] + 1))


def learning_rate(most, done):
    return most * (done / WARM if done < WARM else max(0.02, (1 - done) / (1 - WARM)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", required=True)
    parser.add_argument("--base", required=True, help="folder of the encoder and tokenizer.json")
    parser.add_argument("--out", required=True)
    parser.add_argument("--layers", default="", help="layers to keep, such as 0,2,4,7,9,11; all when empty")
    parser.add_argument("--teacher", default="", help="weights of a reader with all layers")
    parser.add_argument("--seconds", type=float, default=480)
    parser.add_argument("--groups", type=int, default=128, help="questions in a batch")
    parser.add_argument("--negatives", type=int, default=2)
    parser.add_argument("--lr", type=float, default=2.5e-4)
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    tokenizer = Tokenizer.from_file(f"{options.base}/tokenizer.json")
    tokenizer.no_truncation(), tokenizer.no_padding()
    data = Questions(options.questions, tokenizer)
    layers = [int(at) for at in options.layers.split(",")] if options.layers else None
    teacher = None
    reader = open_reader(options.base)
    if options.teacher:
        weights = torch.load(options.teacher, map_location="cpu")
        teacher = open_reader(options.base)
        teacher.load_state_dict(weights, strict=False)
        teacher.to(device).eval()
        reader.load_state_dict(weights, strict=False)
    if layers:
        keep_layers(reader, layers)
    reader.to(device).train()
    reader.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    trained = [weight for weight in reader.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=options.lr, weight_decay=0.01, betas=(0.9, 0.98))
    batches = draw_batches(data, options.groups, options.negatives)
    begun, steps = time.time(), 0
    while (done := (time.time() - begun) / options.seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(options.lr, done)
        rows = next(batches)
        ids, allowed = pad([row["input"] for row in rows])
        ids, allowed = ids.to(device), allowed.to(device)
        mask = (ids != PADDING).long()
        with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda"):
            scores = reader(ids, mask)
            with torch.no_grad():
                taught = teacher(ids, mask) if teacher else None
        loss = loss_of(scores, allowed, rows, options.negatives + 1, taught)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        steps += 1
        if steps % 100 == 0:
            print(f"{time.time() - begun:.0f} s, step {steps}, loss {float(loss):.3f}", flush=True)
    measure(reader, data, device)
    # Word embeddings were not changed: the base has them.
    kept = {name: weight.half().cpu() for name, weight in reader.state_dict().items() if "word_embeddings" not in name}
    torch.save(kept, options.out)


if __name__ == "__main__":
    main()
