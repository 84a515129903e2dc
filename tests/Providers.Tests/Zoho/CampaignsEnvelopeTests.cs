using FsCheck;
using FsCheck.Fluent;
using ZohoPlatform.Providers.Zoho.Campaigns;

namespace ZohoPlatform.Providers.Tests.Zoho;

public sealed class CampaignsEnvelopeTests
{
    [Theory]
    [InlineData("""{"message":"User successfully subscribed.","status":"success","code":"0","uri":"/api/v1.1","version":"1.1"}""", 0, true)]
    [InlineData("""{"status":"success","code":0}""", 0, true)]
    [InlineData("""{"status":"success","code":200,"version":"1"}""", 200, true)]
    [InlineData("""{"message":"Unauthorized request.","URI":"/api/v1.1/getmailinglists","Code":"1007","status":"error"}""", 1007, false)]
    [InlineData("""{"response":{"uri":"/api/v1.1/sendcampaign","code":"200","message":"","campaign_status":"inprogress"}}""", 200, null)]
    [InlineData("""{"code":"INVALID_OAUTHTOKEN","status":"error"}""", 401, false)]
    [InlineData("""{"code":"what","status":"error"}""", -1, false)]
    [InlineData("""{"code":99999999999,"status":"error"}""", -1, false)]
    [InlineData("""{"code":1.5}""", -1, null)]
    [InlineData("""{"code":{"a":1},"status":7}""", null, null)]
    [InlineData("""{"status":"SUCCESS"}""", null, true)]
    [InlineData("{}", null, null)]
    public void A_frame_is_read_in_every_shape_it_has(string body, int? code, bool? saysSuccess)
    {
        var envelope = CampaignsEnvelope.Read(body);

        Assert.NotNull(envelope);
        Assert.Equal((code, saysSuccess), (envelope.Code, envelope.SaysSuccess));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"success\"")]
    [InlineData("<response><code>0</code><status>success</status></response>")]
    [InlineData("<html></html>")]
    [InlineData("""{"code":"0",""")]
    [InlineData("""{"code":"0"} trailing""")]
    [InlineData("""{"message":"\udc00"}""")]
    [InlineData("""{"\ud800":"0"}""")]
    public void What_is_no_frame_is_null(string body) => Assert.Null(CampaignsEnvelope.Read(body));

    [Fact]
    public void No_text_makes_the_reader_throw() =>
        Prop.ForAll<NonNull<string>>(text => CampaignsEnvelope.Read(text.Get) is null).QuickCheckThrowOnFailure();

    [Fact]
    public void No_damage_to_a_frame_makes_the_reader_throw() => Prop.ForAll<NonNegativeInt, char, NonNegativeInt>((at, replacement, cut) =>
    {
        const string Frame = """{"response":{"message":"Ünïcode \u00fc","status":"error","Code":2004,"list":[{"a":null}]}}""";
        var position = at.Get % Frame.Length;
        var damaged = (Frame[..position] + replacement + Frame[(position + 1)..])[..(Frame.Length - (cut.Get % Frame.Length))];
        _ = CampaignsEnvelope.Read(damaged);
    }).QuickCheckThrowOnFailure();
}
