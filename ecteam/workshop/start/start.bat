@echo off
rem Installs ecteam into .venv beside this file, once and without network, and opens JupyterLab on this machine only.
chcp 65001 >nul
cd /d "%~dp0"
if exist .venv\ready goto start
set "FOUND="
for %%P in ("py -@PYTHON@" "python" "python3") do (
  if not defined FOUND (
    %%~P -c "import sys; sys.exit('.'.join(map(str, sys.version_info[:2])) != '@PYTHON@')" >nul 2>&1 && set "FOUND=%%~P"
  )
)
if not defined FOUND (
  echo This archive needs Python @PYTHON@, which was not found. Install it from the stick, then start again.
  echo 本离线包需要 Python @PYTHON@，没有找到。请先安装，再重新启动。
  pause
  exit /b 1
)
echo Setting up, once; one to three minutes ... / 首次安装，约一到三分钟……
if exist .venv rmdir /s /q .venv
%FOUND% -m venv .venv || goto failed
.venv\Scripts\python -m pip install --quiet --disable-pip-version-check --no-index --find-links wheels --no-deps --require-hashes -r requirements.txt || goto failed
for %%W in (wheels\ecteam-*.whl) do .venv\Scripts\python -m pip install --quiet --disable-pip-version-check --no-index --no-deps "%%W" || goto failed
if not exist .venv\etc\ipython mkdir .venv\etc\ipython
copy /y settings\*.py .venv\etc\ipython >nul || goto failed
type nul > .venv\ready
:start
if "%~1"=="--install-only" exit /b 0
echo Leave this window open; it is the workshop. / 上课期间请不要关闭此窗口。
.venv\Scripts\python -m jupyterlab --ServerApp.ip=127.0.0.1 "--ServerApp.root_dir=%CD%\lessons" --LabApp.news_url=None
exit /b 0
:failed
echo The set-up did not finish. Copy the folder to a disk with 2 GB free and start again, or raise a hand.
echo 安装没有完成。请把文件夹复制到剩余 2 GB 以上的磁盘再启动，或举手找助教。
pause
exit /b 1
