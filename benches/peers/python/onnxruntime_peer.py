"""ONNX Runtime: inference only, inputs and outputs bound once."""

import os

import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from task import Predict

VERSION = f"onnxruntime {onnxruntime.__version__}"


def make(_, workload, arrays):
    return None if workload.trains else Bound(workload, arrays)


class Bound(Predict):
    def __init__(self, workload, arrays):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("NN_BENCH_THREADS", "1"))
        options.inter_op_num_threads = 1
        model = build(workload, arrays).SerializeToString()
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        self.binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(arrays["x"]))
        shape = [len(arrays["x"]), workload.widths[-1]]
        self.output = onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, arrays["x"].dtype)
        self.binding.bind_ortvalue_output("y", self.output)

    def predict(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        self.predict()
        return self.output.numpy().ravel()


def build(workload, arrays):
    nodes, tensors, value = [], [], "x"
    for number, (_, kernel, padding) in enumerate(workload.convolutions):
        names = [f"{number}.weight", f"{number}.bias"]
        tensors += [numpy_helper.from_array(arrays[name], name) for name in names]
        settings = dict(kernel_shape=[kernel] * 2, pads=[padding] * 4)
        nodes.append(helper.make_node("Conv", [value, *names], [f"convolved{number}"], **settings))
        nodes.append(helper.make_node("Relu", [f"convolved{number}"], [f"positive{number}"]))
        value = f"pooled{number}"
        nodes.append(helper.make_node("MaxPool", [f"positive{number}"], [value], kernel_shape=[2, 2], strides=[2, 2]))
    if workload.convolutions:
        nodes.append(helper.make_node("Flatten", [value], ["flat"]))
        value = "flat"
    hidden = len(workload.widths) - 2
    for index, (number, _) in enumerate(workload.layers()):
        weight, bias = f"{number}.weight", f"{number}.bias"
        tensors += [numpy_helper.from_array(arrays[name], name) for name in (weight, bias)]
        nodes.append(helper.make_node("Gemm", [value, weight, bias], [f"sum{index}"]))
        value = f"sum{index}"
        kind = workload.activation if index < hidden else workload.head
        operator = {"relu": "Relu", "tanh": "Tanh", "softmax": "Softmax", "linear": "Identity"}[kind]
        output = f"hidden{index}" if index < hidden else "y"
        nodes.append(helper.make_node(operator, [value], [output]))
        value = output
    info = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    x, y = info("x", arrays["x"].shape), info("y", [len(arrays["x"]), workload.widths[-1]])
    graph = helper.make_graph(nodes, workload.name, [x], [y], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
