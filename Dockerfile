# The shop in a container: one static binary, nothing else in the image, not even a shell.
#
#   docker build --build-arg VERSION=1.2.3 -t hookandtag .

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/shop ./cmd/shop

FROM scratch
ARG VERSION=development
LABEL org.opencontainers.image.title="Hook & Tag" \
      org.opencontainers.image.description="A cloakroom shop with server-side sessions" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/shop /shop
USER 65532:65532
ENV ADDR=:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/shop", "healthcheck"]
ENTRYPOINT ["/shop"]
