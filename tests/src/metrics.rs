//! A worker's metrics, read from the text of `/metrics`.

/// Samples of the OpenMetrics text.
#[derive(Debug, Clone)]
pub struct Metrics {
    text: String,
}

impl Metrics {
    /// Takes the text in. It must be whole: OpenMetrics ends with `# EOF`.
    ///
    /// # Panics
    /// If it is cut short.
    #[must_use]
    pub fn new(text: String) -> Self {
        assert!(
            text.ends_with("# EOF\n"),
            "the metrics are cut short: {text}"
        );
        Self { text }
    }

    /// The sample with this name, labels added up; nothing if there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        let values: Vec<f64> = self.samples(name).map(|(_, value)| value).collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }

    /// The sample with this name and this label; 0 if it was never counted.
    #[must_use]
    pub fn labelled(&self, name: &str, label: &str) -> f64 {
        self.samples(name)
            .filter(|(labels, _)| labels.contains(label))
            .map(|(_, value)| value)
            .sum()
    }

    /// True if a metric of this name is described.
    #[must_use]
    pub fn describes(&self, name: &str) -> bool {
        self.text
            .lines()
            .any(|line| line.starts_with(&format!("# TYPE {name} ")))
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn samples<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(move |line| {
            let (series, value) = line.rsplit_once(' ')?;
            let (found, labels) = series.split_once('{').unwrap_or((series, ""));
            (found == name).then(|| value.parse().ok().map(|value| (labels, value)))?
        })
    }
}
