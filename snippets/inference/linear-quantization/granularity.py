"""Who shares a scale, and where the levels stand: error against stored bits."""

import torch

torch.manual_seed(0)
NF4 = [0.0796, 0.1609, 0.2461, 0.3379, 0.4407, 0.5626, 0.7230, 1.0]  # QLoRA, rounded
NF4 += [-0.0911, -0.1848, -0.2844, -0.3949, -0.5251, -0.6962, -1.0, 0.0]
E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]  # FP4, the element type of MXFP4
NF4, E2M1 = torch.tensor(NF4), torch.tensor(E2M1 + [-v for v in E2M1])


def linear(x, top, bits, clip=1.0):  # clip 1: symmetric, the lowest code never used
    half = 2 ** (bits - 1)
    s = clip * top / (half - 1)
    return (x / s).round().clamp(-half, half - 1) * s


def fp8(x, top, _):
    return (x / top * 448).to(torch.float8_e4m3fn).float() * top / 448


def codebook(x, top, table):
    s = top if table is NF4 else 2.0 ** (top.log2().floor() - 2)  # MX: 2^n, top 4..8
    return table[(x / s).unsqueeze(-1).sub(table).abs().argmin(-1)] * s


def block(x, size, f, bits):  # one scale for every `size` neighbours of a row
    x_b = x.reshape(-1, size)
    return f(x_b, x_b.abs().amax(1, keepdim=True), bits).reshape(x.shape)


def db(x, y, dim=None):
    return 10 * (x.square().sum(dim) / (x - y).square().sum(dim)).log10()


w = torch.randn(256, 1024) * torch.exp(torch.randn(256, 1))  # rows of uneven size
rows = [("int8, per tensor", w.numel(), linear, 8)]
rows += [("int8, per channel", 1024, linear, 8), ("E4M3, per channel", 1024, fp8, 8)]
rows += [("int4, per channel", 1024, linear, 4)]
rows += [(f"int4, group {g}", g, linear, 4) for g in (128, 64, 32)]
rows += [("int4, group 64, clip", 64, lambda *a: linear(*a, clip=0.85), 4)]
rows += [("NF4, group 64", 64, codebook, NF4), ("MXFP4", 32, codebook, E2M1)]
got = []
print("weights, dB            bits stored  whole tensor  median row")
for name, size, f, bits in rows:
    y = block(w, size, f, bits)
    got.append(db(w, y, 1).median())
    stored = (4 if f is codebook else bits) + (8 if bits is E2M1 else 16) / size
    print(f"{name:22s} {stored:11.3f} {db(w, y):12.1f} {got[-1]:11.1f}")
tensor, channel, f8, channel4, g128, g64, g32, clip, nf, mx = got
assert channel > tensor + 30 and channel > f8 + 6 and nf > g64 + 1 > mx
assert g32 > clip > g64 > g128 > channel4 + 1 and 0 < nf - clip < 0.8
k, v = torch.randn(2, 512, 128)  # tokens x channels of one head
k[:, [5, 70]] *= 15  # keys have a few large channels, at fixed places
token = [db(a, block(a, 32, linear, 4)) for a in (k, v)]
along = [db(a.T, block(a.T, 32, linear, 4)) for a in (k, v)]
print("KV cache, int4, 32 numbers share a scale, dB:  keys  values")
print(f"  channels of one token (per token) {token[0]:15.1f} {token[1]:7.1f}")
print(f"  tokens of one channel (per channel) {along[0]:13.1f} {along[1]:7.1f}")
assert along[0] > token[0] + 4 and abs(along[1] - token[1]) < 0.2
