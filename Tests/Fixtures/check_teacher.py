"""Opens a teacher's weights in timm and compares its logits for one image.

    python3 check_teacher.py WEIGHTS IMAGE LOGIT...

IMAGE holds uint8 [224, 224, 3]. Exit code 77 if a package is missing, 1 if weights or logits do not agree.
"""
import sys

try:
    import numpy as np
    import timm
    import torch
    from safetensors.torch import load_file
except ImportError as error:
    print(error)
    sys.exit(77)

if len(sys.argv) == 1:
    sys.exit(0)
weights, image, *logits = sys.argv[1:]
expected = torch.tensor([float(logit) for logit in logits])
state = load_file(weights)
model = timm.create_model("tiny_vit_5m_224", pretrained=False)
q = state["head.fc.0.weight"].shape[0]
model.head.fc = torch.nn.Sequential(torch.nn.Linear(320, q), torch.nn.ReLU(), torch.nn.Linear(q, len(expected)))
model.load_state_dict(state, strict=True)
pixels = np.fromfile(image, np.uint8).reshape(1, 224, 224, 3)
x = torch.tensor((pixels.astype(np.float32) / 255 - 0.5) / 0.5).permute(0, 3, 1, 2)
with torch.inference_mode():
    found = model.eval()(x)[0]
print(found, expected)
sys.exit(0 if torch.allclose(found, expected, atol=1e-4) else 1)
