# The base is an argument so that a build without a registry can name an image of its own: --build-arg BASE=python:3.13-slim
ARG BASE=python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

FROM ${BASE} AS build
WORKDIR /site
COPY requirements/runtime.txt /build/
# actions-toolkit ships its own tests as a top-level package; it needs PyGithub only for its module github, never imported here.
RUN pip install --target . --require-hashes --no-deps --only-binary :all: --no-compile --no-cache-dir \
        --disable-pip-version-check --root-user-action ignore --quiet --requirement /build/runtime.txt \
    && rm -rf bin tests github pygithub-* jwt pyjwt-* nacl pynacl-* cryptography cryptography-* \
        cffi cffi-* _cffi_backend.* pycparser pycparser-* \
    && find . -type d -name tests -prune -exec rm -rf {} +
COPY hubaction/ hubaction/
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash .

FROM ${BASE}
LABEL org.opencontainers.image.title="HUB Action" \
      org.opencontainers.image.description="Checks YOLO datasets before they are uploaded or trained on" \
      org.opencontainers.image.authors="hub-action contributors" \
      org.opencontainers.image.licenses="Apache-2.0"
# The base holds no bytecode of the standard library, and every step starts in a new container: compile it once, here.
# git would refuse a workspace that belongs to another user than root, as on a hosted runner.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
        -x 'site-packages|/(idlelib|turtledemo|tkinter|pydoc_data|ensurepip|_pyrepl|unittest|test)/' \
        "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
    && echo /opt/hub-action/site > "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/hub-action.pth" \
    && printf '[safe]\n\tdirectory = *\n' > /etc/gitconfig
COPY --from=build /site/ /opt/hub-action/site/
COPY LICENSE entrypoint.py /opt/hub-action/
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# -I: nothing is imported from the workspace, PYTHONPATH or the home folder, which earlier steps and pull requests can fill.
# It ignores the two variables above too (they are for other calls), hence -u and -B.
ENTRYPOINT ["/usr/local/bin/python", "-I", "-u", "-B", "-X", "utf8", "/opt/hub-action/entrypoint.py"]
