"""Makes one file of passages and questions from the public question sets that README.md lists.

The file has `passages` (text, heading, source, language, article) and `questions` (text, passage, spans as
character offsets, `impossible`, `relevant_only`, `held_out`, and hard negatives as places of passages).
"""
import argparse
import csv
import gzip
import hashlib
import io
import json
import random
import re
import subprocess
import xml.etree.ElementTree as xml
from collections import defaultdict
from pathlib import Path

MAX_PASSAGE = 1100
MAX_NEGATIVES = 8
LANGUAGES_OF_XQUAD = "de es ru tr zh vi ar hi th el ro".split()
# These are written without blanks: pairs of characters stand for words.
UNSPACED = {"ja", "zh", "th"}


class Mirror:
    """Bare or ordinary clones, read without a work tree."""

    def __init__(self, root):
        self.root = Path(root)

    def _git(self, repository, *command):
        return subprocess.run(
            ["git", "-C", str(self.root / repository), *command], capture_output=True, check=True
        ).stdout

    def read(self, repository, path, ref="HEAD"):
        return self._git(repository, "show", f"{ref}:{path}")

    def names(self, repository, path, ref="HEAD"):
        return self._git(repository, "ls-tree", "-r", "--name-only", ref, path).decode().splitlines()

    def has(self, repository):
        return (self.root / repository).is_dir()


class Collection:
    """Passages without doubles, and the questions about them."""

    def __init__(self):
        self.passages = []
        self.questions = []
        self._places = {}

    def place(self, text, heading, source, language, article):
        key = (source, language, text, heading)
        if key not in self._places:
            self._places[key] = len(self.passages)
            self.passages.append(
                dict(text=text, heading=heading, source=source, language=language, article=f"{source}:{article}")
            )
        return self._places[key]

    def ask(self, text, passage, spans, impossible=False, relevant_only=False):
        text = text.strip()
        if len(text) >= 4:
            self.questions.append(
                dict(text=text, passage=passage, spans=spans, impossible=impossible, relevant_only=relevant_only)
            )


def window(text, spans):
    """The part of a long text around its first span, from the beginning of a sentence on."""
    if len(text) <= MAX_PASSAGE:
        return text, spans
    if not spans:
        return text[:MAX_PASSAGE], []
    start, end = spans[0]
    before = random.randint(100, max(101, MAX_PASSAGE - 200 - min(end - start, MAX_PASSAGE - 301)))
    begin = max(0, start - before)
    while begin > 0 and text[begin - 1] not in ".!?\n。":
        begin -= 1
    stop = min(len(text), max(end + 50, begin + MAX_PASSAGE))
    kept = [[a - begin, b - begin] for a, b in spans if a >= begin and b <= stop]
    return text[begin:stop], kept


def squad_entries(data):
    """Title, passage, question, spans and `impossible` of a file in SQuAD's form."""
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            for question in paragraph["qas"]:
                spans = []
                for answer in question.get("answers") or []:
                    words = answer["text"]
                    start = answer.get("answer_start", -1)
                    if start < 0 or text[start : start + len(words)] != words:
                        start = text.find(words)
                    if words.strip() and start >= 0:
                        spans.append([start, start + len(words)])
                yield article.get("title", ""), text, question["question"], spans, bool(question.get("is_impossible"))


def explorer_entries(mirror, version):
    """The same of SQuAD's development part, which the repository holds as pages."""
    from bs4 import BeautifulSoup

    repository, ref = "rajpurkar+SQuAD-explorer", "gh-pages"
    for path in mirror.names(repository, f"explore/{version}/dev", ref):
        title = Path(path).stem
        if title == "index":
            continue
        page = BeautifulSoup(mirror.read(repository, path, ref), "lxml")
        for paragraph in page.select("div.para-wrap"):
            text = paragraph.find("pre").get_text()
            for entry in paragraph.select("div.qa-wrap"):
                answers = {answer.get_text() for answer in entry.select("span.answer")}
                spans = [[text.find(a), text.find(a) + len(a)] for a in answers if a and a in text]
                impossible = entry.select_one("span.no-answer") is not None and not spans
                yield title, text, entry.select_one("strong.question").get_text(), spans, impossible


def take(collection, entries, source, language, titled=True):
    for title, text, question, spans, impossible in entries:
        if not spans and not impossible:
            continue
        text, spans = window(text, spans)
        if not spans and not impossible:
            continue
        heading = title.replace("_", " ") if titled else ""
        article = title or hashlib.md5(text[:40].encode()).hexdigest()[:4]
        collection.ask(question, collection.place(text, heading, source, language, article), spans, impossible)


def markdown_table(rows):
    """The table as text, the offsets of each cell, and the cells."""
    cells = [[re.sub(r"\s+", " ", cell).replace("|", "/").strip() for cell in row] for row in rows]
    width = max(len(row) for row in cells)
    cells = [row + [""] * (width - len(row)) for row in cells]
    text, offsets = "", {}
    for at, row in enumerate(cells):
        text += "|"
        for column, cell in enumerate(row):
            offsets[at, column] = [len(text) + 1, len(text) + 1 + len(cell)]
            text += f" {cell} |"
        text += "\n"
        if at == 0:
            text += "|" + " --- |" * width + "\n"
    return text, offsets, cells


def take_tat_qa(mirror, collection):
    bare = lambda value: re.sub(r"[\s,$]", "", str(value))
    for name in ("tatqa_dataset_dev.json", "tatqa_dataset_test_gold.json"):
        for entry in json.loads(mirror.read("NExTplusplus+TAT-QA", f"dataset_raw/{name}")):
            text, offsets, cells = markdown_table(entry["table"]["table"])
            short = [paragraph["text"] for paragraph in entry["paragraphs"] if len(paragraph["text"]) < 120]
            heading, article = (short or [""])[0], entry["table"]["uid"]
            for question in entry["questions"]:
                if question["answer_type"] != "span" or len(question["answer"]) != 1 or len(text) > 1800:
                    continue
                answer = str(question["answer"][0]).strip()
                found = [offsets[place] for place in offsets if bare(cells[place[0]][place[1]]) == bare(answer)]
                if question["answer_from"] != "text" and 1 <= len(found) <= 2:
                    place = collection.place(text, heading, "tatqa", "en", article)
                    collection.ask(question["question"], place, found)


def take_wiki_tables(mirror, collection):
    repository = "ppasupat+WikiTableQuestions"
    lines = io.StringIO(mirror.read(repository, "data/training.tsv").decode())
    tables = {}
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        path, answer = row["context"], row["targetValue"].strip().lower()
        if path not in tables:
            try:
                tables[path] = list(csv.reader(io.StringIO(mirror.read(repository, path).decode()), escapechar="\\"))
            except (subprocess.CalledProcessError, csv.Error):
                tables[path] = None
        if not tables[path] or len(tables[path]) > 26 or "|" in answer:
            continue
        text, offsets, cells = markdown_table(tables[path])
        found = [offsets[at] for at in offsets if at[0] > 0 and cells[at[0]][at[1]].lower() == answer]
        if len(found) == 1 and len(text) <= 1500:
            collection.ask(row["utterance"], collection.place(text, "", "wtq", "en", path), found)


def take_multi_span(mirror, collection):
    """One span, from the first item to the last."""
    data = json.loads(mirror.read("haonan-li+MultiSpanQA", "data/MultiSpanQA_data/valid.json"))["data"]
    for row in data:
        text, starts = "", []
        for word in row["context"]:
            joined = not text or text.endswith("(") or re.match(r"^[,.;:!?)%']|^n't|^'s", word)
            text += "" if joined else " "
            starts.append(len(text))
            text += word
        labelled = [at for at, label in enumerate(row["label"]) if label != "O"]
        if not labelled:
            continue
        span = [starts[labelled[0]], starts[labelled[-1]] + len(row["context"][labelled[-1]])]
        if span[1] - span[0] < 420:
            place = collection.place(text, "", "multispan", "en", row["id"])
            collection.ask(" ".join(row["question"]), place, [span])


def take_med_quad(mirror, collection, most=330):
    """Passages that answer as a whole, without a span."""
    folders = "1_CancerGov_QA 2_GARD_QA 4_MPlus_Health_Topics_QA 5_NIDDK_QA 6_NINDS_QA 7_SeniorHealth_QA 8_NHLBI_QA_XML 9_CDC_QA"
    for folder in folders.split():
        names = mirror.names("abachaa+MedQuAD", folder)
        random.shuffle(names)
        for name in names[:most]:
            try:
                page = xml.fromstring(mirror.read("abachaa+MedQuAD", name))
            except xml.ParseError:
                continue
            focus = page.findtext("Focus") or ""
            for pair in page.iter("QAPair"):
                answer = re.sub(r"\s*\n\s*", "\n", (pair.findtext("Answer") or "").strip())[:1000]
                question = (pair.findtext("Question") or "").strip().replace(" ?", "?")
                if len(answer) >= 60 and question:
                    heading = focus if random.random() < 0.6 else ""
                    place = collection.place(answer, heading, "medquad", "en", focus)
                    collection.ask(question, place, [], relevant_only=True)


def take_all(mirror, collection):
    def squad(repository, path, source, language, titled=True):
        if not mirror.has(repository):
            print("missing:", repository)
            return
        content = mirror.read(repository, path)
        data = json.loads(gzip.decompress(content) if path.endswith(".gz") else content)
        take(collection, squad_entries(data), source, language, titled)

    if mirror.has("rajpurkar+SQuAD-explorer"):
        take(collection, explorer_entries(mirror, "v2.0"), "squad", "en")
        take(collection, explorer_entries(mirror, "1.1"), "squad", "en")
    for name in ("reddit", "amazon_reviews", "new_wiki"):
        squad("albertvillanova+squadshifts-website", f"datasets/{name}_v1.0.json", "shift", "en", name == "new_wiki")
    for name in ("dev", "test"):
        squad("wasiahmad+PolicyQA", f"data/{name}.json", "policyqa", "en")
    squad("deepset-ai+COVID-QA", "data/question-answering/200423_covidQA.json", "covidqa", "en", False)
    for name in ("validation", "test"):
        squad("ltgoslo+NorQuAD", f"data/evaluation/all/{name}_dataset_flattened.json", "norquad", "no", False)
    squad("crux82+squad-it", "SQuAD_it-test.json.gz", "squad_it", "it")
    for language in LANGUAGES_OF_XQUAD:
        squad("deepmind+xquad", f"xquad.{language}.json", "xquad", language, False)
    if mirror.has("SkelterLabsInc+JaQuAD"):
        for path in mirror.names("SkelterLabsInc+JaQuAD", "data/train"):
            if path.endswith(".json"):
                squad("SkelterLabsInc+JaQuAD", path, "jaquad", "ja")
    for name in ("dev", "trial"):
        squad("ymcui+cmrc2018", f"squad-style-data/cmrc2018_{name}.json", "cmrc", "zh", False)
    others = {
        "haonan-li+MultiSpanQA": take_multi_span,
        "NExTplusplus+TAT-QA": take_tat_qa,
        "ppasupat+WikiTableQuestions": take_wiki_tables,
        "abachaa+MedQuAD": take_med_quad,
    }
    for repository, taken in others.items():
        if mirror.has(repository):
            taken(mirror, collection)
        else:
            print("missing:", repository)


def hold_out(collection, percent=6):
    """Whole articles are held out, so that no passage of the measured part was seen."""
    for question in collection.questions:
        article = collection.passages[question["passage"]]["article"]
        question["held_out"] = int(hashlib.md5(article.encode()).hexdigest(), 16) % 100 < percent


def find_negatives(collection):
    """Passages of the same source that share most words with the question and do not hold its answer."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    passages = collection.passages
    groups = defaultdict(lambda: ([], []))
    for at, passage in enumerate(passages):
        groups[passage["source"], passage["language"]][0].append(at)
    for question in collection.questions:
        passage = passages[question["passage"]]
        groups[passage["source"], passage["language"]][1].append(question)
    for (_, language), (places, questions) in groups.items():
        if not questions:
            continue
        dense = language in UNSPACED
        vectorizer = TfidfVectorizer(
            analyzer="char" if dense else "word",
            ngram_range=(2, 2) if dense else (1, 1),
            token_pattern=r"(?u)\b\w+\b",
            sublinear_tf=True,
            max_features=200_000,
        )
        texts = [f"{passages[at]['heading']} {passages[at]['text']}" for at in places]
        table = vectorizer.fit_transform(texts).astype(np.float32).T.tocsr()
        for begin in range(0, len(questions), 400):
            some = questions[begin : begin + 400]
            scores = (vectorizer.transform([q["text"] for q in some]).astype(np.float32) @ table).toarray()
            for row, question in enumerate(some):
                best = np.argsort(-scores[row])[: 3 * MAX_NEGATIVES]
                question["negatives"] = choose_negatives(question, passages, [places[at] for at in best])


def choose_negatives(question, passages, candidates):
    own = passages[question["passage"]]
    answers = [own["text"][start:end].lower() for start, end in question["spans"] if end - start >= 2]
    chosen = []
    for at in candidates:
        text = passages[at]["text"]
        if at == question["passage"] or text == own["text"] or any(a in text.lower() for a in answers):
            continue
        chosen.append(at)
    return chosen[:MAX_NEGATIVES]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", required=True, help="folder of the clones, each owner+name")
    parser.add_argument("--out", required=True, help="file to write, *.json.gz")
    options = parser.parse_args()
    random.seed(7)
    collection = Collection()
    take_all(Mirror(options.mirror), collection)
    hold_out(collection)
    find_negatives(collection)
    with gzip.open(options.out, "wt", compresslevel=9) as file:
        json.dump(dict(passages=collection.passages, questions=collection.questions), file, ensure_ascii=False)
    print(len(collection.passages), "passages,", len(collection.questions), "questions")


if __name__ == "__main__":
    main()
