"""Which heads take another image size, and which of them compute the same thing."""

import torch
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
C, K = 16, 10  # channels of the feature map, classes
body = nn.Sequential()
for i, o in ((3, C), (C, C), (C, C)):
    body.extend([nn.Conv2d(i, o, 3, 2, 1), nn.ReLU()])  # stride 8 in all
fc, conv1x1 = nn.Linear(C, K), nn.Conv2d(C, K, 1)
conv1x1.load_state_dict({"weight": fc.weight[:, :, None, None], "bias": fc.bias})
flat, fc_7x7, fc_spp = (nn.Linear(C * n, K) for n in (28**2, 7**2, 4**2 + 2**2 + 1))


def pooled(z, *sides):  # SPP: each channel averaged over side x side bins, joined
    return torch.cat([adaptive_avg_pool2d(z, n).flatten(1) for n in sides], 1)


heads = {
    "flatten, fc": lambda z: flat(z.flatten(1)),
    "pool to 7x7, fc": lambda z: fc_7x7(pooled(z, 7)),
    "SPP 4, 2, 1, fc": lambda z: fc_spp(pooled(z, 4, 2, 1)),
    "GAP, fc": lambda z: fc(z.mean((2, 3))),
    "1x1 conv, GAP": lambda z: conv1x1(z).mean((2, 3)),
    "1x1 conv": conv1x1,
}
images = [torch.rand(1, 3, *size) for size in ((224, 224), (256, 256), (40, 336))]
print("head".ljust(17) + "224x224   256x256   40x336")
for name, head in heads.items():
    row = []
    for z in map(body, images):
        try:
            row.append("x".join(map(str, head(z).shape[1:])))
        except RuntimeError as error:
            row.append("error")
            message = str(error)
    print(f"{name:17}" + "".join(f"{cell:10}" for cell in row).rstrip())
    assert row[0][:2] == "10" and ("error" in row) == (name == "flatten, fc")
print("error:", message.split(" (")[0])

z = body(images[1])
assert (heads["GAP, fc"](z) - heads["1x1 conv, GAP"](z)).abs().max() < 1e-12
print("\nGAP then fc, 1x1 conv then GAP: equal to 1e-12")
logits = torch.zeros(2, 4, 4)  # a map of two logits: one quarter shouts, the rest talk
logits[0, :2, :2], logits[1] = 14, 3
before, after = logits.softmax(0).mean((1, 2)), logits.mean((1, 2)).softmax(0)
assert before.argmax() == 1 and after.argmax() == 0
print(f"softmax, then GAP: {before[0]:.2f} for class 0; GAP first: {after[0]:.2f}")

window = nn.functional.conv2d(z, flat.weight.view(K, C, 28, 28), flat.bias)
assert (window[..., 1, 3] - flat(z[..., 1:29, 3:31].flatten(1))).abs().max() < 1e-12
print(f"flatten, fc as a 28x28 conv, at 256: {tuple(window.shape[1:])}")
