//! The device side against the server, and against hosts that misbehave.

use crate::rig::{MN, PW, Peer, Rig, frame, lines, now};
use gateway::device::fleet::{self, Plan};
use gateway::device::replay::{self, Meter, Range};
use gateway::device::{Client, ClientError, Logger, Options, Profile, Upload};
use gateway::hj212::{Clock, Command};
use model::{Arrival, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

fn clock() -> Clock {
    Clock::new("Asia/Shanghai", now).unwrap()
}

fn logger() -> Logger {
    Logger::new(Profile {
        mn: MN.to_owned(),
        pw: PW.to_owned(),
        st: "22".to_owned(),
        dialect: model::Dialect::Hj212V2017,
        clock_ahead_ms: 0,
    })
}

fn upload(hour: i64) -> Upload {
    let time = now() - 24 * model::HOUR_MS + hour * model::HOUR_MS;
    Upload { cn: 2061, time, items: format!("a34004-Avg={hour},a34004-Flag=N").into() }
}

fn options() -> Options {
    Options {
        timeout: Duration::from_millis(50),
        reconnect_pause: Duration::from_millis(5),
        reconnects: 3,
        ..Options::default()
    }
}

fn acknowledgement(request: &str) -> Vec<u8> {
    let qn = request.split(';').next().unwrap();
    frame(&format!("{qn};ST=91;CN=9014;PW={PW};MN={MN};Flag=4;CP=&&&&"))
}

#[tokio::test]
async fn a_frame_without_an_answer_is_sent_again_under_its_name() {
    let host = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = host.local_addr().unwrap();
    let device = tokio::spawn(async move {
        let mut client =
            Client::connect(address, vec![logger()], clock(), options()).await.unwrap();
        client.send(0, &upload(1)).await.unwrap();
        client.finish().await.unwrap();
        client.account().clone()
    });
    let mut host = Peer::of(host.accept().await.unwrap().0);
    let first = host.receive().await;
    assert_eq!(host.receive().await, first);
    host.send(&acknowledgement(&first)).await;
    let account = device.await.unwrap();
    assert_eq!((account.frames_sent, account.frames_acknowledged), (1, 1));
    assert!(account.frames_resent >= 1);
    assert_eq!((account.readings_sent, account.readings_acknowledged), (1, 1));
}

#[tokio::test]
async fn a_host_that_never_answers_is_given_up_with_the_reason() {
    let host = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = host.local_addr().unwrap();
    let mut client = Client::connect(address, vec![logger()], clock(), options()).await.unwrap();
    let _open = host.accept().await.unwrap();
    client.send(0, &upload(1)).await.unwrap();
    let error = client.finish().await.unwrap_err();
    assert!(
        matches!(&error, ClientError::Unanswered { mn, attempts: 3, .. } if mn == MN),
        "{error}"
    );
    assert!(error.to_string().contains("hint:"));
}

#[tokio::test]
async fn a_broken_connection_is_opened_again_and_the_rest_sent_again() {
    let host = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = host.local_addr().unwrap();
    let device = tokio::spawn(async move {
        let options = Options { timeout: Duration::from_mins(1), ..options() };
        let mut client = Client::connect(address, vec![logger()], clock(), options).await.unwrap();
        for hour in 0..3 {
            client.send(0, &upload(hour)).await.unwrap();
        }
        client.finish().await.unwrap();
        client.account().clone()
    });
    let mut first = Peer::of(host.accept().await.unwrap().0);
    let names: Vec<String> =
        vec![first.receive().await, first.receive().await, first.receive().await];
    first.send(&acknowledgement(&names[0])).await;
    drop(first);
    let mut second = Peer::of(host.accept().await.unwrap().0);
    for _ in 0..2 {
        let again = second.receive().await;
        second.send(&acknowledgement(&again)).await;
    }
    let account = device.await.unwrap();
    assert_eq!((account.frames_sent, account.frames_acknowledged, account.connections), (3, 3, 2));
    assert!((2..=3).contains(&account.frames_resent), "the first may have been answered too late");
}

#[tokio::test]
async fn nobody_listening_is_an_error_with_a_hint() {
    let host = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = host.local_addr().unwrap();
    drop(host);
    let error = Client::connect(address, vec![logger()], clock(), options()).await.unwrap_err();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    assert!(error.to_string().contains("hint:"));
}

#[tokio::test]
async fn the_server_can_recall_hours_from_a_device() {
    let mut rig = Rig::start().await;
    let address = rig.server.address();
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let device = tokio::spawn(async move {
        let logger = logger().with_history(Arc::new(|_, _, begin, end| {
            assert_eq!(end - begin, model::HOUR_MS);
            vec![upload(1), upload(2)]
        }));
        let mut client =
            Client::connect(address, vec![logger], clock(), Options::default()).await.unwrap();
        client.send(0, &upload(0)).await.unwrap();
        while !is_over.load(Ordering::Relaxed) {
            let soon = tokio::time::Instant::now() + Duration::from_millis(5);
            client.serve_until(soon).await.unwrap();
        }
        client.finish().await.unwrap();
        client.account().clone()
    });
    rig.commit(1).await;
    let desk = rig.server.desk();
    let cp = "BeginTime=20260228130000;EndTime=20260228140000".to_owned();
    let command = Command::Other { cn: 2061, cp };
    let order =
        tokio::spawn(async move { desk.order(MN, &command, "a gap is to be filled").await });
    rig.commit_note().await;
    // 9011, two hours, and only when those are answered 9012.
    let data = rig.commit(3).await;
    assert_eq!(
        lines(&data),
        ["pm25 Mean Hour 20260228130000 1 Good N", "pm25 Mean Hour 20260228140000 2 Good N",]
    );
    rig.commit(1).await;
    rig.commit_note().await;
    assert_eq!(order.await.unwrap().unwrap().executed, Some(1));
    over.store(true, Ordering::Relaxed);
    let account = device.await.unwrap();
    assert_eq!((account.frames_acknowledged, account.requests), (3, 1));
}

/// Replays a folder into a server and gives what its engine got.
async fn replayed(folder: &Path, connections: usize) -> (Arrival, gateway::device::Account) {
    let source = replay::load(folder, &clock(), Range::default()).unwrap();
    let (server, engine) = Rig::knowing(&source.roster).await.by_itself();
    let options =
        replay::Options { address: server.address(), connections, client: Options::default() };
    let meter = Arc::new(Meter::default());
    let account = replay::run(source, clock(), options, Arc::clone(&meter)).await.unwrap();
    assert_eq!(meter.acknowledged.load(Ordering::Relaxed), account.frames_acknowledged);
    server.stop().await;
    let arrival = engine.await.unwrap();
    assert!(arrival.frames.iter().all(|frame| frame.fate == model::Fate::Keep));
    assert_eq!(arrival.frames.len() as u64, account.frames_acknowledged);
    assert_eq!(arrival.readings.len() as u64, account.readings_acknowledged);
    (arrival, account)
}

#[tokio::test]
async fn beijing_hours_arrive_with_their_values_and_units() {
    let folder = tempfile::tempdir().unwrap();
    let head = "\"No\",\"year\",\"month\",\"day\",\"hour\",\"PM2.5\",\"PM10\",\"SO2\",\"NO2\",\"CO\",\"O3\",\"TEMP\",\"PRES\",\"DEWP\",\"RAIN\",\"wd\",\"WSPM\",\"station\"\n";
    let rows = "1,2015,3,1,23,4,8.5,NA,7,300,77,-0.7,1023.2,-18.8,0,\"NNW\",4.4,\"Garden\"\n2,2015,3,2,0,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,\"Garden\"\n";
    std::fs::write(folder.path().join("made.csv"), format!("{head}{rows}")).unwrap();
    std::fs::write(
        folder.path().join("stations.csv"),
        "station,cnemc_code,name_zh,lon,lat\nGarden,9001A,花园,116.4,39.9\n",
    )
    .unwrap();
    let (arrival, account) = replayed(folder.path(), 1).await;
    assert_eq!(account.frames_sent, 2, "an hour without a value is a row all the same");
    assert_eq!(
        lines(&arrival),
        [
            "pm25 Mean Hour 20150301230000 4 Good N",
            "pm10 Mean Hour 20150301230000 8.5 Good N",
            "no2 Mean Hour 20150301230000 7 Good N",
            "co Mean Hour 20150301230000 0.3 Good N",
            "o3 Mean Hour 20150301230000 77 Good N",
            "air_temp Mean Hour 20150301230000 -0.7 Good N",
            "air_pressure Mean Hour 20150301230000 102.32 Good N",
            "wind_speed Mean Hour 20150301230000 4.4 Good N",
            "wind_dir Mean Hour 20150301230000 337.5 Good N",
        ]
    );
}

#[tokio::test]
async fn national_hours_are_sent_by_their_start_and_rows_that_stand_twice_are_sent_twice() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Date,Hour,city,WatchPoint,AQI,Level,PrimaryPollution,PM2.5,PM10,CO,NO2,O3_1h,O3_8h,SO2\n\
        20200403,00,甲市,一号,78,良,x,57,,0.7,45,31,47,9\n\
        20200402,08,甲市,二号,78,良,x,NaN,69,,,,,\n\
        20200403,00,甲市,一号,78,良,x,57,,0.7,45,31,47,9\n";
    std::fs::write(folder.path().join("made.csv"), text).unwrap();
    let table = "ID,stations_name,stations_en_name,area,area_en_name,lon,lat\n9002A,一号,One,甲市,Jia,113.5,34.8\n";
    std::fs::write(folder.path().join("station_info.csv"), table).unwrap();
    let source = replay::load(folder.path(), &clock(), Range::default()).unwrap();
    let places: Vec<(&str, &str, String)> = source
        .roster
        .places
        .iter()
        .map(|p| (p.key.as_str(), p.name.en.as_str(), p.lon.to_string()))
        .collect();
    assert_eq!(places[0], ("cn-9002A", "One", "113.5".to_owned()));
    assert!(places[1].1.contains("position unknown") && places[1].2 == "113.5", "{places:?}");
    let (arrival, account) = replayed(folder.path(), 1).await;
    assert_eq!((account.frames_sent, account.readings_sent), (3, 11));
    assert_eq!(
        lines(&arrival),
        [
            "pm10 Mean Hour 20200402070000 69 Good N",
            "pm25 Mean Hour 20200402230000 57 Good N",
            "so2 Mean Hour 20200402230000 9 Good N",
            "no2 Mean Hour 20200402230000 45 Good N",
            "co Mean Hour 20200402230000 0.7 Good N",
            "o3 Mean Hour 20200402230000 31 Good N",
            "pm25 Mean Hour 20200402230000 57 Good N",
            "so2 Mean Hour 20200402230000 9 Good N",
            "no2 Mean Hour 20200402230000 45 Good N",
            "co Mean Hour 20200402230000 0.7 Good N",
            "o3 Mean Hour 20200402230000 31 Good N",
        ]
    );
}

#[tokio::test]
async fn the_generic_form_is_read_with_its_marks_and_times() {
    let folder = tempfile::tempdir().unwrap();
    let text = "time,device,parameter,value,flag\n\
        2026-02-28T01:00:00Z,DUST-1,pm10,81.5,\n\
        2026-02-28 09:00,DUST-1,a34004,40,D\n\
        2026-02-28 09:00:00,DUST-1,tsp,,N\n\
        2026-02-28 08:00,DUST-1,pm10,80\n";
    std::fs::write(folder.path().join("hours.csv"), text).unwrap();
    let places = "device,password,name_zh,name_en,kind,lon,lat\nDUST-1,777777,工地,Site,dust_site,113.5,34.8\n";
    std::fs::write(folder.path().join("places.csv"), places).unwrap();
    let (arrival, account) = replayed(folder.path(), 4).await;
    assert_eq!((account.frames_sent, account.connections), (2, 1));
    assert_eq!(
        lines(&arrival),
        [
            "pm10 Mean Hour 20260228080000 80 Good N",
            "pm10 Mean Hour 20260228090000 81.5 Good N",
            "pm25 Mean Hour 20260228090000 40 Fail D",
        ]
    );
}

#[test]
fn a_file_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str, expected: &str| {
        std::fs::write(folder.path().join("x.csv"), text).unwrap();
        let error =
            replay::load(folder.path(), &clock(), Range::default()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("a,b\n1,2\n", "no file of readings");
    check("time,device,parameter,value\nyesterday,A,pm25,1\n", "line 2: time is neither");
    check("time,device,parameter,value\n2026-02-28 08:00,A B,pm25,1\n", "line 2: device must be");
    check(
        "time,device,parameter,value\n2026-02-28 08:00,A,aqi,1\n",
        "line 2: parameter has no code",
    );
    assert!(replay::load(Path::new("/nowhere.csv"), &clock(), Range::default()).is_err());
}

#[test]
fn a_range_of_time_leaves_out_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let text = "time,device,parameter,value\n2026-02-28 08:00,A,pm25,1\n2026-02-28 09:00,A,pm25,2\n2026-02-28 10:00,A,pm25,3\n";
    std::fs::write(folder.path().join("hours.csv"), text).unwrap();
    let at = |digits: &str| clock().instant(digits.as_bytes());
    let range = Range { from: at("20260228090000"), to: at("20260228100000") };
    let source = replay::load(folder.path(), &clock(), range).unwrap();
    assert_eq!(
        source.rows.iter().map(|row| &*row.items).collect::<Vec<_>>(),
        ["a34004-Avg=2,a34004-Flag=N"]
    );
}

#[tokio::test]
async fn a_fleet_counts_what_was_acknowledged_and_the_engine_has_just_that() {
    let start = Timestamp::from_ms(now().as_ms() - model::DAY_MS);
    let plan = Plan::new(10, 2051, 12, start).unwrap();
    let (server, engine) = Rig::knowing(&plan.roster()).await.by_itself();
    let options = fleet::Options {
        address: server.address(),
        connections: 4,
        window: 8,
        rate: None,
        duration: None,
        frames: Some(25),
        patience: Duration::from_secs(10),
    };
    let account = fleet::run(plan.clone(), options, clock(), Arc::default()).await;
    server.stop().await;
    let arrival = engine.await.unwrap();
    assert_eq!((account.frames_sent, account.frames_acknowledged, account.broken), (250, 250, 0));
    assert_eq!((account.connections, account.values_acknowledged), (4, 3_000));
    assert_eq!(account.acknowledged, [25; 10]);
    assert_eq!((account.latency.count(), account.strange_answers), (250, 0));
    assert_eq!(arrival.readings.len(), 3_000);
    let mut seen = [0_u64; 10];
    for frame in &arrival.frames {
        let model::Claim::Device(device) = frame.claim else { panic!("{:?}", frame.claim) };
        let number = seen[device.0 as usize];
        seen[device.0 as usize] += 1;
        for (place, reading) in arrival.readings[frame.readings.clone()].iter().enumerate() {
            let planned = f64::from(Plan::value_thousandths(device.0, number, place)) / 1000.0;
            assert_eq!(reading.time, plan.time(number));
            assert_eq!(reading.value, Some(planned));
        }
    }
    let journal = tempfile::NamedTempFile::new().unwrap();
    account.write_journal(&plan, journal.path()).unwrap();
    let text = std::fs::read_to_string(journal.path()).unwrap();
    assert!(text.starts_with("mn,frames\n010000A8F1EE700000000000,25\n"), "{text}");
    assert!(account.to_string().contains("acknowledged 250"), "{account}");
}

#[tokio::test]
async fn a_fleet_at_a_rate_sends_no_faster() {
    let plan = Plan::new(2, 2011, 3, Timestamp::from_ms(now().as_ms() - model::DAY_MS)).unwrap();
    let (server, engine) = Rig::knowing(&plan.roster()).await.by_itself();
    let options = fleet::Options {
        address: server.address(),
        connections: 2,
        window: 8,
        rate: Some(50.0),
        duration: Some(Duration::from_millis(200)),
        frames: None,
        patience: Duration::from_secs(10),
    };
    let account = fleet::run(plan, options, clock(), Arc::default()).await;
    server.stop().await;
    assert_eq!(engine.await.unwrap().frames.len() as u64, account.frames_acknowledged);
    assert!(
        (2..=22).contains(&account.frames_sent),
        "{} in 0.2 s at 2 × 50/s",
        account.frames_sent
    );
}

#[tokio::test]
async fn a_fleet_whose_server_dies_keeps_what_was_acknowledged() {
    let plan = Plan::new(1, 2011, 1, Timestamp::from_ms(now().as_ms() - model::DAY_MS)).unwrap();
    let mut rig = Rig::knowing(&plan.roster()).await;
    let options = fleet::Options {
        address: rig.server.address(),
        connections: 1,
        window: 4,
        rate: None,
        duration: None,
        frames: Some(100),
        patience: Duration::from_secs(10),
    };
    let fleet = tokio::spawn(fleet::run(plan, options, clock(), Arc::default()));
    rig.commit(4).await;
    drop(rig.next().await);
    let account = fleet.await.unwrap();
    assert_eq!((account.frames_acknowledged, account.broken), (4, 1));
    assert_eq!(account.acknowledged, [4]);
}
