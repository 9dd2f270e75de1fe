//! Every key of the configuration, once: its name, what it is for, what it accepts, where it is kept.
//!
//! The file, the environment, the flags and `config print` all go by this one table.

use super::Config;
use super::setting::{Given, Setting};
use crate::words::Words;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// Sets a key; `false` when the value is not accepted.
type Set = Box<dyn Fn(&mut Config, Given) -> bool>;

/// One key.
pub struct Key {
    /// `http.listen`.
    pub name: &'static str,
    /// What it is for.
    pub about: Words,
    /// What is accepted.
    pub accepted: Words,
    /// Sets it; `false` when the value is not accepted.
    pub set: Set,
    /// Its value as it stands in a TOML file.
    pub write: Box<dyn Fn(&Config) -> String>,
}

impl Key {
    /// The environment variable that sets it: `SKYRIVER_HTTP_LISTEN`.
    pub fn environment(&self) -> String {
        format!("SKYRIVER_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// Its section and its name within.
    pub fn split(&self) -> (&'static str, &'static str) {
        self.name.rsplit_once('.').unwrap_or(("", self.name))
    }
}

/// All keys, section by section.
pub fn all() -> Vec<Key> {
    let mut keys = district();
    keys.extend(store());
    keys.extend(hj212());
    keys.extend(http());
    keys.extend(http_limits());
    keys.extend(http_crowds());
    keys.extend(sign_in());
    keys.extend(reports());
    keys.extend(notify());
    keys.extend(log());
    keys
}

fn district() -> Vec<Key> {
    vec![
        key("district.name_zh", "区的中文名称", "Chinese name of the district", |c| {
            &mut c.district.name_zh
        }),
        key(
            "district.name_en",
            "区的英文名称，可为空",
            "English name of the district, may be empty",
            |c| &mut c.district.name_en,
        ),
        key(
            "district.zone",
            "民用日、月、年所用的时区",
            "Time zone of civil days, months and years",
            |c| &mut c.district.zone,
        ),
        key(
            "district.registry",
            "登记文件：区域、线路、点位、设备",
            "File with the areas, lines, places and devices",
            |c| &mut c.district.registry,
        ),
        key(
            "district.bbox",
            "地图范围 [西, 南, 东, 北]；空表示按已登记的点位",
            "Extent of the map [west, south, east, north]; empty: around what is registered",
            |c| &mut c.district.bbox,
        ),
    ]
}

fn store() -> Vec<Key> {
    vec![
        key("store.dir", "数据目录", "Data directory", |c| &mut c.store.dir),
        number(
            "store.seal_after_h",
            "一日结束多少小时后归档",
            "Hours after the end of a day until it is sealed",
            1..=8_760,
            |c| &mut c.store.seal_after_h,
        ),
        number(
            "store.keep_frames_days",
            "原始报文保存的天数，0 为永久；数据本身永久保存",
            "Days that raw frames are kept, 0 for ever; readings are always kept",
            0..=36_500,
            |c| &mut c.store.keep_frames_days,
        ),
    ]
}

fn hj212() -> Vec<Key> {
    vec![
        key("hj212.listen", "接收设备数据的地址", "Where devices connect", |c| {
            &mut c.hj212.listen
        }),
        key(
            "hj212.clock.calibrate",
            "设备时钟有偏差时是否下发校时命令",
            "Whether to set the clock of a device that is off",
            |c| &mut c.hj212.clock.calibrate,
        ),
        number(
            "hj212.limits.connections_max",
            "同时连接的设备数",
            "Connections at the same time",
            1..=1_000_000,
            |c| &mut c.hj212.limits.connections_max,
        ),
        number(
            "hj212.limits.frame_bytes_max",
            "一条报文的字节数",
            "Bytes of a frame",
            1_024..=1_048_576,
            |c| &mut c.hj212.limits.frame_bytes_max,
        ),
        number(
            "hj212.limits.frame_readings_max",
            "一条报文中的读数个数",
            "Readings in a frame",
            1..=100_000,
            |c| &mut c.hj212.limits.frame_readings_max,
        ),
        number(
            "hj212.limits.idle_s_max",
            "无数据的连接保持多少秒",
            "Seconds that a silent connection is kept",
            10..=604_800,
            |c| &mut c.hj212.limits.idle_s_max,
        ),
        number(
            "hj212.limits.future_s_max",
            "数据时间最多可超前多少秒",
            "Seconds that the time of a reading may lie ahead",
            0..=86_400,
            |c| &mut c.hj212.limits.future_s_max,
        ),
    ]
}

fn http() -> Vec<Key> {
    vec![
        key(
            "http.listen",
            "页面和接口的地址",
            "Where the page and the API are served",
            |c| &mut c.http.listen,
        ),
        key(
            "http.public",
            "未登录者是否可以查看点位、读数和评价",
            "Whether those who are not signed in may look at places, readings and judgements",
            |c| &mut c.http.public,
        ),
        key(
            "http.proxy",
            "前置代理的 IP 地址；其 X-Forwarded-For 可信。空表示没有代理",
            "IP address of the proxy in front, whose X-Forwarded-For is believed; empty: there is none",
            |c| &mut c.http.proxy,
        ),
        key(
            "http.tls_cert",
            "TLS 证书链文件（PEM）；填写后以 https 提供服务",
            "File with the certificate and those above it, PEM; with it, the page is served over TLS",
            |c| &mut c.http.tls_cert,
        ),
        key(
            "http.tls_key",
            "TLS 私钥文件（PEM）",
            "File with the certificate's key, PEM",
            |c| &mut c.http.tls_key,
        ),
    ]
}

fn http_limits() -> Vec<Key> {
    vec![
        number(
            "http.limits.rows_max",
            "一次回答的读数行数",
            "Rows in one answer of readings",
            1..=10_000_000,
            |c| &mut c.http.limits.rows_max,
        ),
        number(
            "http.limits.datastreams_max",
            "一次列出的数据流个数",
            "Datastreams in one list",
            1..=10_000_000,
            |c| &mut c.http.limits.datastreams_max,
        ),
        number(
            "http.limits.hourly_days_max",
            "一次查询原始读数、小时值的天数",
            "Days in one question about raw readings or hours",
            1..=36_600,
            |c| &mut c.http.limits.hourly_days_max,
        ),
        number(
            "http.limits.daily_days_max",
            "一次查询日值的天数",
            "Days in one question about days",
            1..=36_600,
            |c| &mut c.http.limits.daily_days_max,
        ),
        number(
            "http.limits.map_days_max",
            "一次查询地图小时值的天数",
            "Days in one question about the hours of the map",
            1..=366,
            |c| &mut c.http.limits.map_days_max,
        ),
        number(
            "http.limits.map_cells_max",
            "一次回答、以及备用缓存中地图数据的点位数乘小时数",
            "Places times hours in one answer about the map, and kept ready for the next one",
            1_000..=1_000_000_000,
            |c| &mut c.http.limits.map_cells_max,
        ),
        number(
            "http.limits.tile_places_max",
            "一个瓦片中绘制的点位数",
            "Places drawn into one tile",
            1..=100_000,
            |c| &mut c.http.limits.tile_places_max,
        ),
        number(
            "http.limits.frames_max",
            "一次列出的报文数",
            "Frames in one list",
            1..=100_000,
            |c| &mut c.http.limits.frames_max,
        ),
        number(
            "http.limits.body_bytes_max",
            "请求正文的字节数",
            "Bytes of a request's body",
            0..=1_073_741_824,
            |c| &mut c.http.limits.body_bytes_max,
        ),
        number(
            "http.limits.answer_s_max",
            "一次回答的秒数",
            "Seconds that one answer may take",
            1..=3_600,
            |c| &mut c.http.limits.answer_s_max,
        ),
    ]
}

fn http_crowds() -> Vec<Key> {
    vec![
        number(
            "http.limits.connections_max",
            "页面和接口同时打开的连接数",
            "Connections to the page and the API at the same time",
            1..=100_000,
            |c| &mut c.http.limits.connections_max,
        ),
        number(
            "http.limits.listeners_max",
            "同时接收实时数据的页面数",
            "Pages that listen to live changes at the same time",
            1..=100_000,
            |c| &mut c.http.limits.listeners_max,
        ),
        number(
            "http.limits.anonymous_per_min_max",
            "未登录者每个来源地址每分钟的请求数",
            "Requests a minute from one address by those who are not signed in",
            60..=100_000_000,
            |c| &mut c.http.limits.anonymous_per_min_max,
        ),
        number(
            "http.limits.reports_per_min_max",
            "一个 Open311 密钥每分钟的上报数",
            "Reports a minute by one key of Open311",
            1..=100_000,
            |c| &mut c.http.limits.reports_per_min_max,
        ),
        number(
            "http.limits.readers_max",
            "同时读取归档的查询数",
            "Questions that read the archive at the same time",
            1..=1_024,
            |c| &mut c.http.limits.readers_max,
        ),
    ]
}

fn sign_in() -> Vec<Key> {
    vec![
        number(
            "sign_in.idle_min",
            "无操作多少分钟后退出登录",
            "Minutes without a question after which a session ends",
            1..=10_080,
            |c| &mut c.sign_in.idle_min,
        ),
        number(
            "sign_in.session_h",
            "登录最长多少小时",
            "Hours after which a session ends in any case",
            1..=720,
            |c| &mut c.sign_in.session_h,
        ),
        number(
            "sign_in.failures_max",
            "密码连续错误多少次后锁定用户名",
            "Wrong passwords after which a name is locked; ten times as many lock an address",
            1..=1_000,
            |c| &mut c.sign_in.failures_max,
        ),
        number(
            "sign_in.lock_min",
            "锁定多少分钟",
            "Minutes for which a name or an address is locked",
            1..=10_080,
            |c| &mut c.sign_in.lock_min,
        ),
        key(
            "sign_in.behind_tls",
            "浏览器是否经 TLS（前置代理）访问",
            "Whether browsers reach the server over TLS, by a proxy in front",
            |c| &mut c.sign_in.behind_tls,
        ),
        key(
            "sign_in.refused_words",
            "密码中不得出现的本地词语（地名、单位名）",
            "Words of the district (its names, its units) that no password may hold",
            |c| &mut c.sign_in.refused_words,
        ),
        key(
            "sign_in.factor_for",
            "哪些角色必须使用验证器；空表示自愿",
            "Roles that do nothing without an authenticator; empty: everybody as they like",
            |c| &mut c.sign_in.factor_for,
        ),
    ]
}

fn reports() -> Vec<Key> {
    vec![
        key(
            "reports.kinds",
            "到期自动编制的报告，保存在数据目录的 reports 文件夹；空表示不自动编制",
            "Reports that are made by themselves when their period is over, kept under reports of the data directory; empty: none",
            |c| &mut c.reports.kinds,
        ),
        number(
            "reports.hour",
            "时段结束后几时编制",
            "Hour of the day after a period's end at which they are made",
            0..=23,
            |c| &mut c.reports.hour,
        ),
        key(
            "reports.templates",
            "报告模板与标题文件夹（report.typ、种类.typ、headings.toml）；空表示使用内置的",
            "Folder with templates and headings of reports (report.typ, KIND.typ, headings.toml); empty: those built in",
            |c| &mut c.reports.templates,
        ),
        key(
            "reports.fonts",
            "PDF 字体文件夹（除系统字体外）；可为空",
            "Folder with fonts of PDFs besides those of the machine, may be empty",
            |c| &mut c.reports.fonts,
        ),
    ]
}

fn notify() -> Vec<Key> {
    let mut keys = vec![
        key(
            "notify.smtp_host",
            "邮件服务器；空表示不发邮件",
            "Mail server; empty: no mail is sent",
            |c| &mut c.notify.smtp_host,
        ),
        number("notify.smtp_port", "邮件服务器端口", "Its port", 1..=65_535, |c| {
            &mut c.notify.smtp_port
        }),
        key(
            "notify.smtp_tls",
            "与邮件服务器的 TLS：starttls、tls 或 none（仅限本机）",
            "TLS with it: starttls, tls, or none for a server on this machine",
            |c| &mut c.notify.smtp_tls,
        ),
        key("notify.smtp_from", "发件人地址", "Address that mails are from", |c| {
            &mut c.notify.smtp_from
        }),
        key(
            "notify.smtp_user",
            "邮件账户名，可为空",
            "Name to sign in with, may be empty",
            |c| &mut c.notify.smtp_user,
        ),
        key(
            "notify.smtp_password_file",
            "邮件账户密码文件，可为空",
            "File with the password, may be empty",
            |c| &mut c.notify.smtp_password_file,
        ),
    ];
    keys.extend(notify_ways());
    keys
}

fn notify_ways() -> Vec<Key> {
    vec![
        key(
            "notify.hooks",
            "网络钩子文件（TOML，[[hook]]）；空表示没有",
            "File with web hooks (TOML, [[hook]]); empty: there are none",
            |c| &mut c.notify.hooks,
        ),
        key(
            "notify.roots",
            "可信证书文件（PEM），用于邮件与网络钩子的 TLS",
            "File with the certificates that are trusted for mail and web hooks, PEM",
            |c| &mut c.notify.roots,
        ),
        key(
            "notify.page",
            "通知链接所用的页面地址，例如 https://skyriver.example；可为空",
            "Address of the page for links in notices, may be empty",
            |c| &mut c.notify.page,
        ),
        number(
            "notify.retry_s",
            "首次失败后多少秒重试；其后每次加倍",
            "Seconds until a failed delivery is tried again; each pause is twice the one before",
            1..=3_600,
            |c| &mut c.notify.retry_s,
        ),
        number(
            "notify.tries_max",
            "多少次失败后放弃",
            "Tries before a delivery is given up",
            1..=50,
            |c| &mut c.notify.tries_max,
        ),
    ]
}

fn log() -> Vec<Key> {
    vec![
        key("log.level", "记录哪些日志", "Which log lines are written", |c| &mut c.log.level),
        key("log.format", "日志格式", "Form of log lines", |c| &mut c.log.format),
    ]
}

/// A key of a type that knows what it accepts.
fn key<T: Setting + Clone + 'static>(
    name: &'static str,
    zh: &str,
    en: &str,
    field: fn(&mut Config) -> &mut T,
) -> Key {
    Key {
        name,
        about: Words::new(zh, en),
        accepted: T::accepted(),
        set: Box::new(move |config, given| {
            let value = T::read(given);
            value.map(|value| *field(config) = value).is_some()
        }),
        write: Box::new(move |config| field(&mut config.clone()).write()),
    }
}

/// A key that takes a whole number within bounds.
fn number<T: Copy + TryFrom<u64> + Display + 'static>(
    name: &'static str,
    zh: &str,
    en: &str,
    range: RangeInclusive<u64>,
    field: fn(&mut Config) -> &mut T,
) -> Key {
    let (low, high) = (*range.start(), *range.end());
    Key {
        name,
        about: Words::new(zh, en),
        accepted: Words::new(
            format!("请填写 {low} 至 {high} 的整数"),
            format!("write a whole number from {low} to {high}"),
        ),
        set: Box::new(move |config, given| {
            let value = given.number().filter(|value| range.contains(value));
            value
                .and_then(|value| T::try_from(value).ok())
                .map(|value| *field(config) = value)
                .is_some()
        }),
        write: Box::new(move |config| field(&mut config.clone()).to_string()),
    }
}
