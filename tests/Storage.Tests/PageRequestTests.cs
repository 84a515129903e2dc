using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Storage.Tests;

public sealed class PageRequestTests
{
    [Fact]
    public void Pages_follow_each_other_to_the_end_and_leave_nothing_out()
    {
        var all = Enumerable.Range(1, 7).Select(i => (long)i).ToList();
        var (read, token, pages) = (new List<long>(), "", 0);
        do
        {
            var page = PageRequest.Of(3, token, usual: 50, most: 200);
            var rows = all.Where(row => row > (page.AfterNumber ?? 0)).Take(page.ToRead).ToList();
            read.AddRange(page.Take(rows));
            token = page.Next(rows, PageRequest.TokenOf);
            pages++;
        }
        while (token.Length > 0);

        Assert.Equal(all, read);
        Assert.Equal(3, pages);
    }

    [Fact]
    public void An_id_comes_back_as_it_was_and_a_size_that_is_not_sent_is_the_usual_one()
    {
        var id = Guid.CreateVersion7();

        var page = PageRequest.Of(0, PageRequest.TokenOf(id), usual: 50, most: 200);

        Assert.Equal((50, id), (page.Size, page.AfterId));
        Assert.Null(PageRequest.Of(0, "", usual: 50, most: 200).AfterId);
    }

    [Theory]
    [InlineData(-1, "", "page_size")]
    [InlineData(201, "", "page_size")]
    [InlineData(0, "none", "page_token")]
    [InlineData(0, "-1", "page_token")]
    [InlineData(0, "0", "page_token")]
    public void What_is_wrong_is_named(int size, string token, string field)
    {
        foreach (var read in (Action<PageRequest>[])[page => _ = page.AfterNumber, page => _ = page.AfterId])
        {
            var refused = Assert.Throws<RpcException>(() => read(PageRequest.Of(size, token, usual: 50, most: 200)));
            Assert.Equal((StatusCode.InvalidArgument, field), (refused.StatusCode, refused.Trailers.GetValue(GrpcFailures.FieldTrailer)));
        }
    }
}
