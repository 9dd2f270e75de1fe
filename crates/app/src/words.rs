//! A sentence for people, in both languages side by side.

use serde::Serialize;
use utoipa::ToSchema;

/// One sentence in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// Both sentences.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

impl From<&model::Names> for Words {
    fn from(names: &model::Names) -> Self {
        Self::new(&names.zh, &names.en)
    }
}
