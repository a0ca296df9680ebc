#!/bin/sh
# with-keyring.sh COMMAND...: runs a command on a private session bus with an unlocked,
# throw-away gnome-keyring. Leaves no process behind.
set -eu
if ! command -v dbus-run-session >/dev/null || ! command -v gnome-keyring-daemon >/dev/null; then
  echo "needs the packages dbus-daemon dbus-bin gnome-keyring" >&2
  exit 77
fi
export CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}"
H=$(mktemp -d)
trap 'rm -rf "$H"' EXIT
export HOME="$H" XDG_RUNTIME_DIR="$H/run" XDG_DATA_HOME="$H/share" XDG_CACHE_HOME="$H/cache" \
  XDG_CONFIG_HOME="$H/config" XDG_STATE_HOME="$H/state"
mkdir -m 700 -p "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME/keyrings" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME"
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
dbus-run-session -- sh -euc '
  printf test >"$HOME/pw"
  gnome-keyring-daemon --foreground --unlock --components=secrets <"$HOME/pw" >/dev/null 2>&1 &
  kd=$!
  trap "kill -CONT $kd 2>/dev/null || :; kill $kd 2>/dev/null || :" EXIT
  i=0
  until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
    org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q "boolean true"; do
    i=$((i+1))
    [ $i -lt 100 ] || { echo "no secret service" >&2; exit 1; }
    sleep 0.05
  done
  export KEYRING_PID=$kd
  "$@"
' sh "$@"
