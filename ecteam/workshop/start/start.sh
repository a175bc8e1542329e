#!/bin/sh
# Installs ecteam into .venv beside this file, once and without network, and opens JupyterLab on this machine only.
# sh start.sh --install-only stops before JupyterLab; anything else is handed on to it.
case $0 in */*) cd "${0%/*}" || exit 1 ;; esac
if [ ! -f .venv/ready ]; then
  found=""
  for try in python@PYTHON@ python3 python; do
    if "$try" -c 'import sys; sys.exit(".".join(map(str, sys.version_info[:2])) != "@PYTHON@")' 2>/dev/null; then
      found="$try"
      break
    fi
  done
  if [ -z "$found" ]; then
    echo "This archive needs Python @PYTHON@, which was not found. Install it from the stick, then start again."
    echo "本离线包需要 Python @PYTHON@，没有找到。请先安装，再重新启动。"
    exit 1
  fi
  echo "Setting up, once; one to three minutes ... / 首次安装，约一到三分钟……"
  rm -rf .venv
  if "$found" -m venv .venv &&
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-index --find-links wheels --no-deps \
      --require-hashes -r requirements.txt &&
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps wheels/ecteam-*.whl &&
    mkdir -p .venv/etc/ipython &&
    cp settings/*.py .venv/etc/ipython; then
    touch .venv/ready
  else
    echo "The set-up did not finish. Copy the folder to a disk with 2 GB free and start again, or raise a hand."
    echo "安装没有完成。请把文件夹复制到剩余 2 GB 以上的磁盘再启动，或举手找助教。"
    exit 1
  fi
fi
if [ "$1" = "--install-only" ]; then exit 0; fi
echo "Leave this window open; it is the workshop. / 上课期间请不要关闭此窗口。"
exec .venv/bin/python -m jupyterlab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir="$PWD/lessons" \
  --LabApp.news_url=None "$@"
