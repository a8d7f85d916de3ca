"""The reader: a sentence encoder with heads for start, end and relevance, and how its input is laid out."""
import torch
from torch import nn
from transformers import BertConfig, BertModel

MAX_QUESTION = 48
MAX_HEADING = 24
MAX_TOKENS = 352
# Tokens of a span behind its first one.
MAX_SPAN = 60
START, PADDING, SEPARATOR = 0, 1, 2


class Reader(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        size = encoder.config.hidden_size
        self.span = nn.Linear(size, 2)
        self.relevant = nn.Linear(size, 1)

    def forward(self, input_ids, attention_mask):
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        span = self.span(states)
        return span[..., 0], span[..., 1], self.relevant(states[:, 0])[:, 0]


def open_reader(base, layers=None):
    """A reader over the encoder in a folder; with `layers`, over those of its layers only."""
    config = BertConfig.from_pretrained(base)
    config.attention_probs_dropout_prob = 0.0
    encoder = BertModel.from_pretrained(base, config=config, add_pooling_layer=False)
    reader = Reader(encoder)
    if layers:
        keep_layers(reader, layers)
    return reader


def keep_layers(reader, layers):
    encoder = reader.encoder
    encoder.encoder.layer = nn.ModuleList([encoder.encoder.layer[at] for at in layers])
    encoder.config.num_hidden_layers = len(layers)


def lay_out(question, heading, passage, begin=0):
    """Token ids of one input, where the passage begins in it, and how many of its tokens fit.

    `question`, `heading` and `passage` are token ids; the passage is read from `begin` on.
    """
    head = [START, *question[:MAX_QUESTION], SEPARATOR, SEPARATOR, *heading[-MAX_HEADING:]]
    room = MAX_TOKENS - len(head) - 1
    part = list(passage[begin : begin + room])
    return [*head, *part, SEPARATOR], len(head), len(part)


def pad(inputs):
    """One batch: ids, and a mask of the places where a span may stand, the first token among them."""
    length = -(-max(len(ids) for ids, _, _ in inputs) // 32) * 32
    ids = torch.full((len(inputs), length), PADDING)
    allowed = torch.zeros(len(inputs), length, dtype=torch.bool)
    for row, (own, first, count) in enumerate(inputs):
        ids[row, : len(own)] = torch.tensor(own)
        allowed[row, first : first + count] = True
    allowed[:, 0] = True
    return ids, allowed
