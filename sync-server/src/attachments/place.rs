//! Where files lie: in a folder, or in a bucket that speaks S3. No bucket has been tried yet: what is tested is the address
//! and which variables count.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use object_store::{Error, ObjectStore};

/// Where files lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a folder of this machine.
    Folder(PathBuf),
    /// In a bucket.
    Bucket(Bucket),
}

/// A bucket, and the folder in it that is the relay's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    name: String,
    folder: String,
}

/// An address that is no bucket's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a bucket as s3://bucket or s3://bucket/folder")]
pub struct ParseBucketError;

impl FromStr for Bucket {
    type Err = ParseBucketError;

    fn from_str(text: &str) -> Result<Self, ParseBucketError> {
        let rest = text.strip_prefix("s3://").ok_or(ParseBucketError)?;
        let (name, folder) = rest.split_once('/').unwrap_or((rest, ""));
        let folder = folder.trim_end_matches('/');
        let of_name = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b".-".contains(&letter);
        let of_folder = |letter: u8| letter.is_ascii_alphanumeric() || b"._-/".contains(&letter);
        let steps =
            folder.split('/').all(|step| step != "." && step != ".." && (folder.is_empty() || !step.is_empty()));
        let fits = (3..=63).contains(&name.len()) && name.bytes().all(of_name) && folder.bytes().all(of_folder);
        if fits && steps {
            Ok(Self { name: name.to_owned(), folder: folder.to_owned() })
        } else {
            Err(ParseBucketError)
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)?;
        if self.folder.is_empty() { Ok(()) } else { write!(f, "/{}", self.folder) }
    }
}

impl Bucket {
    /// Opens the bucket with what the environment says of region, endpoint and keys.
    ///
    /// # Errors
    /// When the environment does not say enough.
    #[cfg(feature = "s3")]
    pub(super) fn open(&self) -> Result<Arc<dyn ObjectStore>, Error> {
        self.open_with(std::env::vars())
    }

    /// This relay can't.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(feature = "s3"))]
    pub(super) fn open(&self) -> Result<Arc<dyn ObjectStore>, Error> {
        Err(Error::NotSupported { source: Box::new(BuiltWithoutS3(self.clone())) })
    }

    /// Reads the variables that the tools of S3 read: `AWS_REGION`, `AWS_ENDPOINT`, `AWS_ACCESS_KEY_ID` and the like.
    #[cfg(feature = "s3")]
    fn open_with(&self, variables: impl Iterator<Item = (String, String)>) -> Result<Arc<dyn ObjectStore>, Error> {
        use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
        use object_store::prefix::PrefixStore;
        let known = variables.filter_map(|(name, value)| {
            let key =
                name.strip_prefix("AWS_").and_then(|_| name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>().ok());
            Some((key?, value))
        });
        let builder = known.fold(AmazonS3Builder::new(), |builder, (key, value)| builder.with_config(key, value));
        let store = builder.with_bucket_name(&self.name).build()?;
        Ok(if self.folder.is_empty() {
            Arc::new(store)
        } else {
            Arc::new(PrefixStore::new(store, self.folder.as_str()))
        })
    }
}

/// A bucket is configured, and this program does not speak S3.
#[cfg(not(feature = "s3"))]
#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be used: this relay was built without the feature `s3`")]
struct BuiltWithoutS3(Bucket);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_written_as_an_address() {
        for good in ["s3://files", "s3://my-files.example/relay", "s3://files/a/b_c"] {
            assert_eq!(good.parse::<Bucket>().map(|bucket| bucket.to_string()).as_deref(), Ok(good));
        }
        assert_eq!("s3://files/a/".parse::<Bucket>().unwrap().to_string(), "s3://files/a");
        for bad in [
            "files",
            "s3://",
            "s3://ab",
            "s3://Files",
            "https://files",
            "s3://files/../x",
            "s3://files//x",
            "s3://files/ä",
        ] {
            assert_eq!(bad.parse::<Bucket>(), Err(ParseBucketError), "{bad}");
        }
    }

    #[cfg(not(feature = "s3"))]
    #[test]
    fn a_relay_that_does_not_speak_s3_says_so() {
        let refused = "s3://files/relay".parse::<Bucket>().unwrap().open().unwrap_err();

        assert!(crate::http::describe(&refused).to_string().contains("built without the feature `s3`"), "{refused}");
    }

    #[cfg(feature = "s3")]
    #[test]
    fn region_endpoint_and_keys_come_from_the_environment() {
        let bucket: Bucket = "s3://files/relay".parse().unwrap();
        let variables = [
            ("AWS_REGION", "eu-north-1"),
            ("AWS_ENDPOINT", "https://s3.example.org"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("HOME", "/root"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());

        let store = bucket.open_with(variables.map(owned).into_iter()).unwrap();

        let shown = store.to_string();
        assert!(shown.contains("files") && shown.contains("relay"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
        let insecure = [("AWS_ENDPOINT", "http://s3.example.org"), ("AWS_REGION", "eu-north-1")];
        assert!(bucket.open_with(insecure.map(owned).into_iter()).is_ok(), "judged when it is used");
    }
}
