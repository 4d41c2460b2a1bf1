//! Identifiers of the interfaces, classes and protocols of BITS, under their names in the Windows SDK.
#![allow(non_upper_case_globals, reason = "the names are those of the Windows SDK")]

use crate::Guid;

/// A GUID with its name.
#[derive(Clone, Copy, Debug)]
pub struct NamedGuid {
    /// The name, such as `IID_IBackgroundCopyJob`.
    pub name: &'static str,
    /// The identifier.
    pub guid: Guid,
}

macro_rules! identifiers {
    ($($(#[doc = $doc:literal])* $name:ident = $value:literal;)*) => {
        $(
            $(#[doc = $doc])*
            pub const $name: Guid = Guid::from_u128($value);
        )*

        /// Every identifier of this module.
        pub const IDENTIFIERS: &[NamedGuid] = &[
            $(NamedGuid { name: stringify!($name), guid: $name },)*
        ];
    };
}

identifiers! {
    /// Base of all interfaces.
    IID_IUnknown = 0x00000000_0000_0000_c000_000000000046;
    /// Base of the interfaces for scripts.
    IID_IDispatch = 0x00020400_0000_0000_c000_000000000046;
    /// Since BITS 1.0.
    IID_IBackgroundCopyManager = 0x5ce34c0d_0dc9_4c1f_897c_daa1b78cee7c;
    /// Since BITS 1.0.
    IID_IBackgroundCopyJob = 0x37668d37_507e_4160_9316_26306d150b12;
    /// Since BITS 1.0.
    IID_IBackgroundCopyFile = 0x01b7bd23_fb88_4a77_8490_5891d3e4653a;
    /// Since BITS 1.0.
    IID_IBackgroundCopyError = 0x19c613a0_fcb8_4f28_81ae_897c3d078f81;
    /// Since BITS 1.0.
    IID_IBackgroundCopyCallback = 0x97ea99c7_0186_4ad4_8df9_c5b4e0ed6b22;
    /// Since BITS 1.0.
    IID_IEnumBackgroundCopyJobs = 0x1af4f612_3b71_466f_8f58_7b6f73ac57ad;
    /// Since BITS 1.0.
    IID_IEnumBackgroundCopyFiles = 0xca51e165_c365_424c_8d41_24aaa4ff3c40;
    /// Since BITS 1.5.
    IID_IBackgroundCopyJob2 = 0x54b50739_686f_45eb_9dff_d6a9a0faa9af;
    /// Since BITS 1.5.
    IID_IBITSExtensionSetup = 0x29cfbbf7_09e4_4b97_b0bc_f2287e3d8eb3;
    /// Since BITS 1.5.
    IID_IBITSExtensionSetupFactory = 0xd5d2d542_5503_4e64_8b48_72ef91a32ee1;
    /// Since BITS 2.0.
    IID_IBackgroundCopyJob3 = 0x443c8934_90ff_48ed_bcde_26f5c7450042;
    /// Since BITS 2.0.
    IID_IBackgroundCopyFile2 = 0x83e81b93_0873_474d_8a8c_f2018b1a939c;
    /// Since BITS 2.5.
    IID_IBackgroundCopyJobHttpOptions = 0xf1bd1079_9f01_4bdc_8036_f09b70095066;
    /// Since BITS 3.0.
    IID_IBackgroundCopyJob4 = 0x659cdeae_489e_11d9_a9cd_000d56965251;
    /// Since BITS 3.0.
    IID_IBackgroundCopyFile3 = 0x659cdeaa_489e_11d9_a9cd_000d56965251;
    /// Since BITS 3.0.
    IID_IBackgroundCopyCallback2 = 0x659cdeac_489e_11d9_a9cd_000d56965251;
    /// Since BITS 3.0.
    IID_IBitsPeerCacheAdministration = 0x659cdead_489e_11d9_a9cd_000d56965251;
    /// Since BITS 3.0.
    IID_IBitsPeerCacheRecord = 0x659cdeaf_489e_11d9_a9cd_000d56965251;
    /// Since BITS 3.0.
    IID_IEnumBitsPeerCacheRecords = 0x659cdea4_489e_11d9_a9cd_000d56965251;
    /// Since BITS 3.0.
    IID_IBitsPeer = 0x659cdea2_489e_11d9_a9cd_000d56965251;
    /// Since BITS 3.0.
    IID_IEnumBitsPeers = 0x659cdea5_489e_11d9_a9cd_000d56965251;
    /// Since BITS 4.0.
    IID_IBitsTokenOptions = 0x9a2584c3_f7d2_457a_9a5e_22b67bffc7d2;
    /// Since BITS 4.0.
    IID_IBackgroundCopyFile4 = 0xef7e0655_7888_4960_b0e5_730846e03492;
    /// Since BITS 5.0.
    IID_IBackgroundCopyJob5 = 0xe847030c_bbba_4657_af6d_484aa42bf1fe;
    /// Since BITS 5.0.
    IID_IBackgroundCopyFile5 = 0x85c1657f_dafc_40e8_8834_df18ea25717e;
    /// Since BITS 10.1.
    IID_IBackgroundCopyFile6 = 0xcf6784f7_d677_49fd_9368_cb47aee9d1ad;
    /// Since BITS 10.1.
    IID_IBackgroundCopyCallback3 = 0x98c97bd2_e32b_4ad8_a528_95fd8b16bd42;
    /// Since BITS 10.2.
    IID_IBackgroundCopyJobHttpOptions2 = 0xb591a192_a405_4fc3_8323_4c5c542578fc;
    /// Since BITS 10.3.
    IID_IBackgroundCopyJobHttpOptions3 = 0x8a9263d3_fd4c_4eda_9b28_30132a4d4e3c;
    /// Since BITS 10.3.
    IID_IBackgroundCopyServerCertificateValidationCallback = 0x4cec0d02_def7_4158_813a_c32a46945ff7;
    /// Since BITS 1.0.
    IID_AsyncIBackgroundCopyCallback = 0xca29d251_b4bb_4679_a3d9_ae8006119d54;
    /// Legacy queue manager.
    IID_IBackgroundCopyQMgr = 0x16f41c69_09f5_41d2_8cd8_3c08c47bc8a8;
    /// Legacy queue manager.
    IID_IBackgroundCopyGroup = 0x1ded80a7_53ea_424f_8a04_17fea9adc4f5;
    /// Legacy queue manager.
    IID_IBackgroundCopyJob1 = 0x59f5553c_2031_4629_bb18_2645a6970947;
    /// Legacy queue manager.
    IID_IBackgroundCopyCallback1 = 0x084f6593_3800_4e08_9b59_99fa59addf82;
    /// Legacy queue manager.
    IID_IEnumBackgroundCopyGroups = 0xd993e603_4aa4_47c5_8665_c20d39c2ba4f;
    /// Legacy queue manager.
    IID_IEnumBackgroundCopyJobs1 = 0x8baeba9d_8f1c_42c4_b82c_09ae79980d25;
    /// Compact server.
    IID_ICompactServer = 0xb6bcd1bd_bb8a_44d2_86f7_adda8b7c767e;
    /// Compact server.
    IID_ICompactServerUrlGroup = 0x30d511d9_6ad6_413a_9e3b_f1d0686caf67;
    /// BITS 1.0.
    CLSID_BackgroundCopyManager = 0x4991d34b_80a1_4291_83b6_3328366b9097;
    /// BITS 1.5.
    CLSID_BackgroundCopyManager1_5 = 0xf087771f_d74f_4c1a_bb8a_e16aca9124ea;
    /// BITS 2.0.
    CLSID_BackgroundCopyManager2_0 = 0x6d18ad12_bde3_4393_b311_099c346e6df9;
    /// BITS 2.5.
    CLSID_BackgroundCopyManager2_5 = 0x03ca98d6_ff5d_49b8_abc6_03dd84127020;
    /// BITS 3.0.
    CLSID_BackgroundCopyManager3_0 = 0x659cdea7_489e_11d9_a9cd_000d56965251;
    /// BITS 4.0.
    CLSID_BackgroundCopyManager4_0 = 0xbb6df56b_cace_11dc_9992_0019b93a3a84;
    /// BITS 5.0.
    CLSID_BackgroundCopyManager5_0 = 0x1ecca34c_e88a_44e3_8d6a_8921bde9e452;
    /// BITS 10.1.
    CLSID_BackgroundCopyManager10_1 = 0x4bd3e4e1_7bd4_4a2b_9964_496400de5193;
    /// BITS 10.2.
    CLSID_BackgroundCopyManager10_2 = 0x4575438f_a6c8_4976_b0fe_2f26b80d959e;
    /// BITS 10.3.
    CLSID_BackgroundCopyManager10_3 = 0x5fd42ad5_c04e_4d36_adc7_e08ff15737ad;
    /// Legacy queue manager.
    CLSID_BackgroundCopyQMgr = 0x69ad4aee_51be_439b_a92c_86ae490e8b30;
    /// Set-up of upload servers.
    CLSID_BITSExtensionSetupFactory = 0xefbbab68_7286_4783_94bf_9461d8b7e7e9;
    /// Type library of BITS 1.0.
    LIBID_BackgroundCopyManager = 0x1deeb74f_7915_4560_b558_918c83f176a6;
    /// Type library of BITS 1.5.
    LIBID_BackgroundCopyManager1_5 = 0xea9319ea_c628_480f_8331_768fac397e4e;
    /// Type library of BITS 2.0.
    LIBID_BackgroundCopyManager2_0 = 0x2289a9af_dc96_486e_b268_89c9e3397c3d;
    /// Type library of BITS 2.5.
    LIBID_BackgroundCopyManager2_5 = 0x4974177c_3bb6_4c37_9ff0_6b7426f0aba9;
    /// Type library of BITS 3.0.
    LIBID_BackgroundCopyManager3_0 = 0x659cdea6_489e_11d9_a9cd_000d56965251;
    /// The upload protocol of BITS 1.5 and later, as in `BITS-Protocol`.
    BITS_UPLOAD_PROTOCOL = 0x7df0354d_249b_430f_820d_3d2a9bef4931;
    /// The interface by which peers exchange certificates.
    BITS_PEER_AUTH = 0xe3d0d746_d2af_40fd_8a7a_0d7078bb7092;
}
