//! Identifiers are a contract with programs written for Windows: they are written down here a second time.

use std::collections::HashSet;

use bgcopy_protocol::Guid;
use bgcopy_protocol::interfaces::{self, IDENTIFIERS};

const TEXTS: &[(&str, &str)] = &[
    ("IID_IUnknown", "00000000-0000-0000-C000-000000000046"),
    ("IID_IDispatch", "00020400-0000-0000-C000-000000000046"),
    ("IID_IBackgroundCopyManager", "5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C"),
    ("IID_IBackgroundCopyJob", "37668D37-507E-4160-9316-26306D150B12"),
    ("IID_IBackgroundCopyFile", "01B7BD23-FB88-4A77-8490-5891D3E4653A"),
    ("IID_IBackgroundCopyError", "19C613A0-FCB8-4F28-81AE-897C3D078F81"),
    ("IID_IBackgroundCopyCallback", "97EA99C7-0186-4AD4-8DF9-C5B4E0ED6B22"),
    ("IID_IEnumBackgroundCopyJobs", "1AF4F612-3B71-466F-8F58-7B6F73AC57AD"),
    ("IID_IEnumBackgroundCopyFiles", "CA51E165-C365-424C-8D41-24AAA4FF3C40"),
    ("IID_IBackgroundCopyJob2", "54B50739-686F-45EB-9DFF-D6A9A0FAA9AF"),
    ("IID_IBITSExtensionSetup", "29CFBBF7-09E4-4B97-B0BC-F2287E3D8EB3"),
    ("IID_IBITSExtensionSetupFactory", "D5D2D542-5503-4E64-8B48-72EF91A32EE1"),
    ("IID_IBackgroundCopyJob3", "443C8934-90FF-48ED-BCDE-26F5C7450042"),
    ("IID_IBackgroundCopyFile2", "83E81B93-0873-474D-8A8C-F2018B1A939C"),
    ("IID_IBackgroundCopyJobHttpOptions", "F1BD1079-9F01-4BDC-8036-F09B70095066"),
    ("IID_IBackgroundCopyJob4", "659CDEAE-489E-11D9-A9CD-000D56965251"),
    ("IID_IBackgroundCopyFile3", "659CDEAA-489E-11D9-A9CD-000D56965251"),
    ("IID_IBackgroundCopyCallback2", "659CDEAC-489E-11D9-A9CD-000D56965251"),
    ("IID_IBitsPeerCacheAdministration", "659CDEAD-489E-11D9-A9CD-000D56965251"),
    ("IID_IBitsPeerCacheRecord", "659CDEAF-489E-11D9-A9CD-000D56965251"),
    ("IID_IEnumBitsPeerCacheRecords", "659CDEA4-489E-11D9-A9CD-000D56965251"),
    ("IID_IBitsPeer", "659CDEA2-489E-11D9-A9CD-000D56965251"),
    ("IID_IEnumBitsPeers", "659CDEA5-489E-11D9-A9CD-000D56965251"),
    ("IID_IBitsTokenOptions", "9A2584C3-F7D2-457A-9A5E-22B67BFFC7D2"),
    ("IID_IBackgroundCopyFile4", "EF7E0655-7888-4960-B0E5-730846E03492"),
    ("IID_IBackgroundCopyJob5", "E847030C-BBBA-4657-AF6D-484AA42BF1FE"),
    ("IID_IBackgroundCopyFile5", "85C1657F-DAFC-40E8-8834-DF18EA25717E"),
    ("IID_IBackgroundCopyFile6", "CF6784F7-D677-49FD-9368-CB47AEE9D1AD"),
    ("IID_IBackgroundCopyCallback3", "98C97BD2-E32B-4AD8-A528-95FD8B16BD42"),
    ("IID_IBackgroundCopyJobHttpOptions2", "B591A192-A405-4FC3-8323-4C5C542578FC"),
    ("IID_IBackgroundCopyJobHttpOptions3", "8A9263D3-FD4C-4EDA-9B28-30132A4D4E3C"),
    ("IID_IBackgroundCopyServerCertificateValidationCallback", "4CEC0D02-DEF7-4158-813A-C32A46945FF7"),
    ("IID_AsyncIBackgroundCopyCallback", "CA29D251-B4BB-4679-A3D9-AE8006119D54"),
    ("IID_IBackgroundCopyQMgr", "16F41C69-09F5-41D2-8CD8-3C08C47BC8A8"),
    ("IID_IBackgroundCopyGroup", "1DED80A7-53EA-424F-8A04-17FEA9ADC4F5"),
    ("IID_IBackgroundCopyJob1", "59F5553C-2031-4629-BB18-2645A6970947"),
    ("IID_IBackgroundCopyCallback1", "084F6593-3800-4E08-9B59-99FA59ADDF82"),
    ("IID_IEnumBackgroundCopyGroups", "D993E603-4AA4-47C5-8665-C20D39C2BA4F"),
    ("IID_IEnumBackgroundCopyJobs1", "8BAEBA9D-8F1C-42C4-B82C-09AE79980D25"),
    ("IID_ICompactServer", "B6BCD1BD-BB8A-44D2-86F7-ADDA8B7C767E"),
    ("IID_ICompactServerUrlGroup", "30D511D9-6AD6-413A-9E3B-F1D0686CAF67"),
    ("CLSID_BackgroundCopyManager", "4991D34B-80A1-4291-83B6-3328366B9097"),
    ("CLSID_BackgroundCopyManager1_5", "F087771F-D74F-4C1A-BB8A-E16ACA9124EA"),
    ("CLSID_BackgroundCopyManager2_0", "6D18AD12-BDE3-4393-B311-099C346E6DF9"),
    ("CLSID_BackgroundCopyManager2_5", "03CA98D6-FF5D-49B8-ABC6-03DD84127020"),
    ("CLSID_BackgroundCopyManager3_0", "659CDEA7-489E-11D9-A9CD-000D56965251"),
    ("CLSID_BackgroundCopyManager4_0", "BB6DF56B-CACE-11DC-9992-0019B93A3A84"),
    ("CLSID_BackgroundCopyManager5_0", "1ECCA34C-E88A-44E3-8D6A-8921BDE9E452"),
    ("CLSID_BackgroundCopyManager10_1", "4BD3E4E1-7BD4-4A2B-9964-496400DE5193"),
    ("CLSID_BackgroundCopyManager10_2", "4575438F-A6C8-4976-B0FE-2F26B80D959E"),
    ("CLSID_BackgroundCopyManager10_3", "5FD42AD5-C04E-4D36-ADC7-E08FF15737AD"),
    ("CLSID_BackgroundCopyQMgr", "69AD4AEE-51BE-439B-A92C-86AE490E8B30"),
    ("CLSID_BITSExtensionSetupFactory", "EFBBAB68-7286-4783-94BF-9461D8B7E7E9"),
    ("LIBID_BackgroundCopyManager", "1DEEB74F-7915-4560-B558-918C83F176A6"),
    ("LIBID_BackgroundCopyManager1_5", "EA9319EA-C628-480F-8331-768FAC397E4E"),
    ("LIBID_BackgroundCopyManager2_0", "2289A9AF-DC96-486E-B268-89C9E3397C3D"),
    ("LIBID_BackgroundCopyManager2_5", "4974177C-3BB6-4C37-9FF0-6B7426F0ABA9"),
    ("LIBID_BackgroundCopyManager3_0", "659CDEA6-489E-11D9-A9CD-000D56965251"),
    ("BITS_UPLOAD_PROTOCOL", "{7df0354d-249b-430f-820d-3d2a9bef4931}"),
    ("BITS_PEER_AUTH", "E3D0D746-D2AF-40FD-8A7A-0D7078BB7092"),
];

#[test]
fn every_identifier_has_its_documented_text() {
    for (name, text) in TEXTS {
        let listed = IDENTIFIERS.iter().find(|known| known.name == *name);
        let listed = listed.unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(listed.guid, text.parse::<Guid>().unwrap(), "{name}");
    }
    assert_eq!(IDENTIFIERS.len(), TEXTS.len());
}

#[test]
fn identifiers_are_unique() {
    let guids: HashSet<_> = IDENTIFIERS.iter().map(|known| known.guid).collect();
    assert_eq!(guids.len(), IDENTIFIERS.len());
}

#[test]
fn the_upload_protocol_is_written_as_windows_does() {
    let text = interfaces::BITS_UPLOAD_PROTOCOL.to_string();
    assert_eq!(text, "{7DF0354D-249B-430F-820D-3D2A9BEF4931}");
}
