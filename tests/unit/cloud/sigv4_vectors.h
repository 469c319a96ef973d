/* Written by sigv4_vectors.py. */
static const struct vector vectors[] = {
    {"service",
     "GET",
     "https://example.amazonaws.com/",
     {NULL, NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
     "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"service",
     "POST",
     "https://example.amazonaws.com/",
     {NULL, NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
     "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"service",
     "GET",
     "https://example.amazonaws.com/?Param2=value2&Param1=value1",
     {NULL, NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
     "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"service",
     "GET",
     "https://example.amazonaws.com/?Param1=value2&Param1=Value1",
     {NULL, NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
     "Signature=eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
    {"service",
     "GET",
     "https://example.amazonaws.com/?a=1&a-b=2&a%2Fb=3",
     {NULL, NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
     "Signature=c03c1fa9763052ace97bced0c9df51d05ac36f19b28de56db1a297e0a3e85bf9"},
    {"service",
     "GET",
     "https://example.amazonaws.com/",
     {"My-Header1:  value1", "My-Header2:  \"a   b   c\""},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
     "SignedHeaders=host;my-header1;my-header2;x-amz-date, "
     "Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"service",
     "POST",
     "https://example.amazonaws.com/",
     {"My-Header1: VALUE1", NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
     "SignedHeaders=host;my-header1;x-amz-date, "
     "Signature=cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
    {"service",
     "POST",
     "https://example.amazonaws.com/",
     {"Content-Type: application/x-www-form-urlencoded", NULL},
     "Param1=value1",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
     "SignedHeaders=content-type;host;x-amz-date, "
     "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {"service",
     "GET",
     "https://example.amazonaws.com/%E1%88%B4",
     {NULL, NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
     "Signature=697b34846207a3f72246f99d74ae1ee4fe54f44bb06730c58a0d339eb079596d"},
    {"sts",
     "POST",
     "https://sts.us-east-1.amazonaws.com/",
     {"Content-Type: application/x-www-form-urlencoded", NULL},
     "Action=AssumeRole&Version=2011-06-15",
     "a/session+token==",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request, "
     "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
     "Signature=a14356c40f473acfb9b30ab6dd7440faf08eff5a0918db31cc380c764c0b246e"},
    {"sagemaker",
     "POST",
     "http://127.0.0.1:8080/endpoints/forest/invocations",
     {"Content-Type: text/csv", NULL},
     "1,2\n",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sagemaker/aws4_request, "
     "SignedHeaders=content-type;host;x-amz-date, "
     "Signature=701b5440ee7940d9af964afc54033cdd412ece54b39dfbf636182aecceabdfdb"},
    {"s3",
     "GET",
     "https://examplebucket.s3.amazonaws.com/test.txt",
     {"Range: bytes=0-9", NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
     "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
     "Signature=bb1cd881a4f7029c0ba2366d768a648255fafa92ae1ff7b5ca33dd1e8094e0d3"},
    {"s3",
     "GET",
     "http://127.0.0.1:7070/models/a%20b/%C3%BC%2Bm.joblib",
     {"If-Match: \"161b06f6\"", NULL},
     "",
     "token",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
     "SignedHeaders=host;if-match;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
     "Signature=619a52c153a71747e68f5ef99f6ee86c35f6780f15cc4458403e5bd6413d4b13"},
    {"s3",
     "GET",
     "http://127.0.0.1:7070/models?list-type=2&prefix=a%2Fb%20c%2F&encoding-type=url",
     {NULL, NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
     "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
     "Signature=d6781adde986578998d8d49d88caeef5349001af53806916b34aa7b465da7b70"},
    {"s3",
     "GET",
     "https://s3.eu-central-1.amazonaws.com:443/my.bucket/k",
     {NULL, NULL},
     "",
     NULL,
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
     "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
     "Signature=0a8a5908f8b5c7f746973b42e55cd2c4067e6715fc7e04907bef224a8bf03424"},
};
