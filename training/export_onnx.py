"""Writes a trained reader as ONNX in int8, and checks it against the floats."""
import argparse
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from reader import open_reader

NAMES = ["start_logits", "end_logits", "relevance"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--reader", required=True)
    parser.add_argument("--layers", default="")
    parser.add_argument("--out", required=True, help="folder; the weights go to onnx/model_quantized.onnx")
    options = parser.parse_args()
    layers = [int(at) for at in options.layers.split(",")] if options.layers else None
    reader = open_reader(options.base, layers)
    reader.load_state_dict(torch.load(options.reader, map_location="cpu"), strict=False)
    reader.float().eval()
    folder = Path(options.out) / "onnx"
    folder.mkdir(parents=True, exist_ok=True)
    floats, small = folder / "model.onnx", folder / "model_quantized.onnx"
    ids = torch.randint(3, 90_000, (2, 40))
    mask = torch.ones_like(ids)
    tokens = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        reader,
        (ids, mask),
        str(floats),
        input_names=["input_ids", "attention_mask"],
        output_names=NAMES,
        dynamic_axes={
            "input_ids": tokens,
            "attention_mask": tokens,
            "start_logits": tokens,
            "end_logits": tokens,
            "relevance": {0: "batch"},
        },
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(str(floats), str(small), per_channel=True, weight_type=QuantType.QInt8)
    session = onnxruntime.InferenceSession(str(small))
    given = session.run(NAMES, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    with torch.no_grad():
        wanted = reader(ids, mask)
    for name, own, other in zip(NAMES, given, wanted):
        likeness = np.corrcoef(own.ravel(), other.numpy().ravel())[0, 1]
        print(f"{name}: correlation with the floats {likeness:.4f}")
    floats.unlink()
    print(small, round(small.stat().st_size / 1e6), "MB")


if __name__ == "__main__":
    main()
