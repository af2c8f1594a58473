"""Says what a file of a repository is by its place and name alone: its role and its source language."""

import fnmatch
import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OWNERS_AT = ("", ".github/", ".gitlab/", ".bitbucket/", "docs/")  # where the hosts look for code owners and policies
_LOCKS = _words(
    "uv.lock poetry.lock pdm.lock pipfile.lock pylock.toml package-lock.json npm-shrinkwrap.json yarn.lock "
    "pnpm-lock.yaml bun.lock bun.lockb go.sum cargo.lock gemfile.lock composer.lock packages.lock.json gradle.lockfile "
    "mix.lock pubspec.lock podfile.lock flake.lock conan.lock package.resolved .terraform.lock.hcl"
)
_MANIFESTS = _words(
    "pyproject.toml setup.py setup.cfg requirements*.txt requirements*.in constraints*.txt pipfile environment.y*ml "
    "package.json go.mod cargo.toml gemfile *.gemspec composer.json pom.xml build.gradle build.gradle.kts *.csproj "
    "*.fsproj *.vbproj packages.config directory.packages.props mix.exs pubspec.yaml podfile flake.nix package.swift "
    "conanfile.* vcpkg.json build.sbt deps.edn project.clj"
)
_MANIFEST = re.compile("|".join(fnmatch.translate(pattern) for pattern in sorted(_MANIFESTS)))
_CATALOGUES = _words("catalog-info.yaml catalog-info.yml")
_BUILD_NAMES = re.compile(
    r"(.*[._-])?(dockerfile|containerfile)([._-].*)?|makefile|gnumakefile|cmakelists\.txt|jenkinsfile|"
    r"\.gitlab-ci\.yml|azure-pipelines\.ya?ml|\.travis\.yml|tox\.ini|noxfile\.py|justfile|rakefile|"
    r"(docker-)?compose(\..*)?\.ya?ml|bitbucket-pipelines\.yml|build\.bazel|workspace(\.bazel)?"
)
_BUILD_PLACES = (".github/workflows/", ".circleci/", ".buildkite/", ".tekton/")
_TEST_NAME = re.compile(
    r"(test_.*|.*_tests?|.*[.-](test|spec|e2e|cy)|.*_spec|conftest)\.[a-z]+|.*(Test|Tests|TestCase|IT|Spec)"
    r"\.(java|kt|scala|cs|groovy|swift|php)"
)
_TEST_PLACES = _words("test tests testing spec specs __tests__ e2e testdata test-data fixtures")
_LICENCE = re.compile(r"(un)?licen[cs]es?([._-].*)?|copying([._-].*)?|notice([._-].*)?")
_SECURITY = re.compile(r"security(\.(md|rst|txt|adoc|markdown))?|security-insights\.ya?ml")
_DOCUMENT_NAME = re.compile(
    r"(readme|changelog|changes|contributing|code_of_conduct|authors|history|news|support|governance|"
    r"maintainers|todo|install|upgrading)([._-].*)?"
)
_DOCUMENT_ENDINGS = _words("md markdown mdx rst adoc asciidoc tex org")
_DOCUMENT_PLACES = _words("doc docs documentation")

_ENDINGS = {
    "Ada": "adb ads", "Assembly": "asm s", "Bicep": "bicep", "C": "c h", "C#": "cs csx",
    "C++": "cc cpp cxx hh hpp hxx", "CSS": "css scss sass less", "Clojure": "clj cljs cljc", "COBOL": "cob cbl",
    "CUDA": "cu cuh", "Dart": "dart", "Elixir": "ex exs", "Elm": "elm", "Erlang": "erl hrl", "F#": "fs fsx fsi",
    "Fortran": "f f90 f95 f03 for", "Go": "go", "GraphQL": "graphql gql", "Groovy": "groovy gradle",
    "HCL": "tf tfvars hcl", "HTML": "html htm xhtml", "Haskell": "hs lhs", "Java": "java",
    "JavaScript": "js jsx mjs cjs", "Julia": "jl", "Jupyter": "ipynb", "Kotlin": "kt kts", "Lua": "lua",
    "MATLAB": "mlx", "Nix": "nix", "OCaml": "ml mli", "Objective-C": "m mm", "PHP": "php phtml",
    "PL/SQL": "pls pks pkb", "Pascal": "pas dpr", "Perl": "pl pm", "PowerShell": "ps1 psm1",
    "Protocol Buffers": "proto", "Puppet": "pp", "Python": "py pyi pyx pyw", "R": "r rmd", "Rego": "rego",
    "Ruby": "rb rake", "Rust": "rs", "SQL": "sql", "Scala": "scala sc", "Shell": "sh bash zsh fish",
    "Solidity": "sol", "Svelte": "svelte", "Swift": "swift", "SystemVerilog": "sv svh", "Thrift": "thrift",
    "TypeScript": "ts tsx mts cts", "VHDL": "vhd vhdl", "Verilog": "v", "Visual Basic": "vb bas", "Vue": "vue",
    "Zig": "zig",
}  # fmt: skip
LANGUAGES = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}

# Role and what it means, in the order in which they are tried: the first that fits a path is its role.
ROLES = {
    "code_owners": "CODEOWNERS where a host looks for it (root, .github, .gitlab, .bitbucket, docs)",
    "security_policy": "SECURITY with or without a text ending in such a place; security.txt; SECURITY-INSIGHTS",
    "mailmap": ".mailmap or a file ending so",
    "catalogue": "catalog-info.yaml, a service catalogue's entry",
    "lock": "a lock file: exact versions of dependencies",
    "manifest": "a manifest: the dependencies asked for",
    "licence": "LICENSE, COPYING, NOTICE and files of a LICENSES folder",
    "build": "a container file, make file, pipeline or compose file",
    "test": "in a folder of tests, or named as tests are",
    "documentation": "in a folder of documentation, a text ending, or README and the like",
    "source": "the ending of a programming language",
    "other": "anything else",
}


def role(path: str) -> str:
    """What a file is, one of `ROLES`."""
    place, _, name = path.rpartition("/")
    lower = name.lower()
    folder = place.lower() + "/" if place else ""
    folders = folder.split("/")[:-1]
    return _governance(folder, folders, lower) or _engineering(folder, folders, name, lower)


def _governance(folder: str, folders: list[str], lower: str) -> str | None:
    if lower == "codeowners" and folder in _OWNERS_AT:
        return "code_owners"
    if _SECURITY.fullmatch(lower) and (folder in _OWNERS_AT or folders[-1:] == [".well-known"]):
        return "security_policy"
    if lower.endswith(".mailmap"):
        return "mailmap"
    if lower in _CATALOGUES:
        return "catalogue"
    if lower in _LOCKS:
        return "lock"
    if _MANIFEST.match(lower):
        return "manifest"
    if _LICENCE.fullmatch(lower) or "licenses" in folders:
        return "licence"
    return None


def _engineering(folder: str, folders: list[str], name: str, lower: str) -> str:
    ending = lower.rpartition(".")[2] if "." in lower else ""
    if _BUILD_NAMES.fullmatch(lower) or folder.startswith(_BUILD_PLACES):
        return "build"
    if not _TEST_PLACES.isdisjoint(folders) or _TEST_NAME.fullmatch(name):
        return "test"
    if not _DOCUMENT_PLACES.isdisjoint(folders) or ending in _DOCUMENT_ENDINGS or _DOCUMENT_NAME.fullmatch(lower):
        return "documentation"
    return "source" if ending in LANGUAGES else "other"


def language(path: str) -> str | None:
    """The source language by the ending of a file's name, or None."""
    name = path.rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    return LANGUAGES.get(ending.lower()) if stem else None
