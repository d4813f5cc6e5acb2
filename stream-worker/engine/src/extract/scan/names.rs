//! The names of elements that somebody asks for.

use super::name::Name;

macro_rules! names {
    ($($constant:ident = $name:literal),* $(,)?) => {
        $(pub(in crate::extract) const $constant: Name = Name::of($name);)*
    };
}

names! {
    A = "a", ADDRESS = "address", ANNOTATION_XML = "annotation-xml", AREA = "area", ARTICLE = "article", ASIDE = "aside",
    AUDIO = "audio",
    B = "b", BASE = "base", BIG = "big", BLOCKQUOTE = "blockquote", BODY = "body", BR = "br",
    CAPTION = "caption", CENTER = "center", CODE = "code", COL = "col",
    DD = "dd", DESC = "desc", DETAILS = "details", DIALOG = "dialog", DIR = "dir", DIV = "div", DL = "dl", DT = "dt",
    EM = "em", EMBED = "embed",
    FIELDSET = "fieldset", FIGCAPTION = "figcaption", FIGURE = "figure", FONT = "font", FOOTER = "footer",
    FOREIGN_OBJECT = "foreignobject", FORM = "form", FRAME = "frame",
    H1 = "h1", H2 = "h2", H3 = "h3", H4 = "h4", H5 = "h5", H6 = "h6", HEAD = "head", HEADER = "header", HGROUP = "hgroup",
    HR = "hr", HTML = "html",
    I = "i", IFRAME = "iframe", IMG = "img", INPUT = "input",
    LEGEND = "legend", LI = "li", LINK = "link", LISTING = "listing",
    MAIN = "main", MATH = "math", MENU = "menu", META = "meta", MI = "mi", MN = "mn", MO = "mo", MS = "ms", MTEXT = "mtext",
    NAV = "nav", NOBR = "nobr", NOEMBED = "noembed", NOFRAMES = "noframes", NOSCRIPT = "noscript",
    OBJECT = "object", OL = "ol", OPTGROUP = "optgroup", OPTION = "option",
    P = "p", PARAM = "param", PICTURE = "picture", PLAINTEXT = "plaintext", PRE = "pre",
    RUBY = "ruby",
    S = "s", SCRIPT = "script", SEARCH = "search", SECTION = "section", SELECT = "select", SMALL = "small", SOURCE = "source",
    SPAN = "span", STRIKE = "strike", STRONG = "strong", STYLE = "style", SUB = "sub", SUMMARY = "summary", SUP = "sup",
    SVG = "svg",
    TABLE = "table", TBODY = "tbody", TD = "td", TEMPLATE = "template", TEXTAREA = "textarea", TFOOT = "tfoot", TH = "th",
    THEAD = "thead", TITLE = "title", TR = "tr", TRACK = "track", TT = "tt",
    U = "u", UL = "ul",
    VAR = "var", VIDEO = "video",
    WBR = "wbr",
    XMP = "xmp",
}
